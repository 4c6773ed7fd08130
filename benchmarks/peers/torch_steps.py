"""One thread of PyTorch. Run: python3 benchmarks/peers/torch_steps.py WORKLOAD ...

Prints one JSON line a workload, in the form of the other systems; the workloads are those of workloads.mjs.
"""

import json
import sys
import time

import torch
from torch import nn

WARM_UP_STEPS = 3


def perceptron(*sizes):
    layers = []
    for i, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        layers += [nn.ReLU()] if i > 0 else []
        layers += [nn.Linear(inputs, outputs)]
    return nn.Sequential(*layers)


def lenet():
    features = [nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*features, nn.Flatten(), *perceptron(400, 120, 84, 10))


# name: (network, shape of one example, batch, timed steps)
WORKLOADS = {
    "mlp-128-b32": (lambda: perceptron(784, 128, 10), (784,), 32, 300),
    "mlp-512-512-b128": (lambda: perceptron(784, 512, 512, 10), (784,), 128, 100),
    "lenet-b32": (lenet, (1, 28, 28), 32, 100),
}


def median_step_ms(network, shape, batch, steps):
    x, y = torch.randn(batch, *shape), torch.randint(0, 10, (batch,))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)
    times = []
    for _ in range(WARM_UP_STEPS + steps):
        start = time.perf_counter()
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(x), y).backward()
        optimizer.step()
        times.append(time.perf_counter() - start)
    timed = sorted(times[WARM_UP_STEPS:])
    return timed[len(timed) // 2] * 1000


torch.set_num_threads(1)
torch.manual_seed(0)
for name in sys.argv[1:]:
    build, shape, batch, steps = WORKLOADS[name]
    ms = median_step_ms(build(), shape, batch, steps)
    line = {"system": f"pytorch-{torch.__version__}", "workload": name, "batch": batch, "ms": round(ms, 3)}
    print(json.dumps({**line, "examplesPerSecond": round(batch / ms * 1000)}), flush=True)
