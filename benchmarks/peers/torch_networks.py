"""The networks of workloads.mjs in PyTorch."""

from collections import namedtuple

import torch
from torch import nn
from torch.nn import functional

Workload = namedtuple("Workload", "network examples batch steps optimizer")


def perceptron(*sizes):
    layers = []
    for i, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        layers += [nn.ReLU()] if i > 0 else []
        layers += [nn.Linear(inputs, outputs)]
    return nn.Sequential(*layers)


def lenet():
    features = [nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*features, nn.Flatten(), *perceptron(400, 120, 84, 10))


def cnn():
    features = [nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*features, nn.Flatten(), *perceptron(9216, 128, 10))


def normalized_convolution(inputs, outputs, kernel, stride=1):
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs))


class ResidualBlock(nn.Module):
    def __init__(self, inputs, outputs, stride=1):
        super().__init__()
        self.first = normalized_convolution(inputs, outputs, 3, stride)
        self.second = normalized_convolution(outputs, outputs, 3)
        changes_shape = stride != 1 or inputs != outputs
        self.shortcut = normalized_convolution(inputs, outputs, 1, stride) if changes_shape else nn.Identity()

    def forward(self, x):
        inner = self.second(functional.relu(self.first(x)))
        return functional.relu(inner + self.shortcut(x))


def resnet20():
    blocks = []
    for inputs, outputs, stride in [(16, 16, 1), (16, 32, 2), (32, 64, 2)]:
        blocks += [ResidualBlock(inputs, outputs, stride), ResidualBlock(outputs, outputs), ResidualBlock(outputs, outputs)]
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)]
    return nn.Sequential(normalized_convolution(3, 16, 3), nn.ReLU(), *blocks, *head)


class LastStep(nn.Module):
    def __init__(self, inputs, hidden):
        super().__init__()
        self.lstm = nn.LSTM(inputs, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, 10)

    def forward(self, x):
        outputs, _ = self.lstm(x)
        return self.fc(outputs[:, -1])


class CharacterModel(nn.Module):
    def __init__(self, width, heads, layers, context, vocabulary=65):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(context, width)
        options = {"dropout": 0.0, "activation": "gelu", "batch_first": True, "norm_first": True}
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(width, heads, 4 * width, **options), layers)
        self.out = nn.Linear(width, vocabulary)
        self.register_buffer("places", torch.arange(context))
        self.register_buffer("mask", nn.Transformer.generate_square_subsequent_mask(context))

    def forward(self, tokens):
        x = self.encoder(self.tokens(tokens) + self.positions(self.places), self.mask)
        return self.out(x).flatten(0, 1)


def examples(*shape):
    return lambda count: (torch.randn(count, *shape), torch.randint(0, 10, (count,)))


def texts(context, vocabulary=65):
    return lambda count: (
        torch.randint(0, vocabulary, (count, context)),
        torch.randint(0, vocabulary, (count * context,)),
    )


def optimizer_for(workload, network):
    if workload.optimizer == "adamw":
        return torch.optim.AdamW(network.parameters(), lr=1e-3)
    return torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)


def _perceptron(batch, steps, *sizes):
    return Workload(lambda: perceptron(*sizes), examples(sizes[0]), batch, steps, "sgd")


def _character_model(batch, steps, width, heads, layers, context):
    return Workload(lambda: CharacterModel(width, heads, layers, context), texts(context), batch, steps, "adamw")


WORKLOADS = {
    "mlp-128-b32": _perceptron(32, 300, 784, 128, 10),
    "mlp-128-b128": _perceptron(128, 300, 784, 128, 10),
    "mlp-512-512-b128": _perceptron(128, 100, 784, 512, 512, 10),
    "lenet-b32": Workload(lenet, examples(1, 28, 28), 32, 100, "sgd"),
    "lenet-b128": Workload(lenet, examples(1, 28, 28), 128, 40, "sgd"),
    "cnn-32-64-b32": Workload(cnn, examples(1, 28, 28), 32, 15, "sgd"),
    "resnet20-b32": Workload(resnet20, examples(3, 32, 32), 32, 8, "sgd"),
    "lstm-128-b64": Workload(lambda: LastStep(28, 128), examples(28, 28), 64, 30, "sgd"),
    "charlm-d128-l2-t64-b16": _character_model(16, 20, 128, 4, 2, 64),
    "charlm-d256-l4-t128-b8": _character_model(8, 6, 256, 8, 4, 128),
}
