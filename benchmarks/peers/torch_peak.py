"""Peak memory of a training with PyTorch. Run: python3 benchmarks/peers/torch_peak.py WORKLOAD [checkpoints]"""

import json
import re
import sys

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint
from torch_networks import WORKLOADS, ResidualBlock, optimizer_for

STEPS = 8


def status_bytes(field):
    with open("/proc/self/status") as status:
        return int(re.search(rf"^{field}:\s+(\d+) kB$", status.read(), re.MULTILINE)[1]) * 1024


def forget_peak():
    try:
        with open("/proc/self/clear_refs", "w") as clear:
            clear.write("5")
    except OSError:
        pass


def checkpoint_blocks(network):
    for module in network.modules():
        if isinstance(module, (ResidualBlock, nn.TransformerEncoderLayer)):
            module.forward = checkpointed(module.forward)


def checkpointed(forward):
    return lambda *inputs, **options: checkpoint(forward, *inputs, use_reentrant=False, **options)


torch.set_num_threads(1)
torch.manual_seed(0)
name, checkpoints = sys.argv[1], len(sys.argv) > 2
workload = WORKLOADS[name]
forget_peak()
before = status_bytes("VmRSS")
network = workload.network()
if checkpoints:
    checkpoint_blocks(network)
optimizer = optimizer_for(workload, network)
x, y = workload.examples(workload.batch)
for _ in range(STEPS):
    optimizer.zero_grad()
    nn.functional.cross_entropy(network(x), y).backward()
    optimizer.step()
peak = round((status_bytes("VmHWM") - before) / 2**20, 1)
print(json.dumps({"system": f"pytorch-{torch.__version__}", "workload": name, "checkpoints": checkpoints, "peakMiB": peak}))
