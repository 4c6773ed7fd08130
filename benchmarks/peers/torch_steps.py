"""PyTorch on one thread. Run: python3 benchmarks/peers/torch_steps.py WORKLOAD [STEPS]

Prints one JSON line in the form of the other systems; the workloads are those of workloads.mjs. With RANK, WORLD_SIZE,
MASTER_ADDR and MASTER_PORT set, each of WORLD_SIZE processes trains on its share of the batch with DistributedDataParallel
over gloo, and rank 0 prints the line.
"""

import json
import os
import sys
import time

import torch
from torch import distributed, nn
from torch_networks import WORKLOADS, optimizer_for

WARM_UP_STEPS_MIN = 3
RANK = int(os.environ.get("RANK", 0))
WORLD_SIZE = int(os.environ.get("WORLD_SIZE", 1))


def median_step_ms(workload, steps):
    network = workload.network()
    x, y = workload.examples(workload.batch // WORLD_SIZE)
    optimizer = optimizer_for(workload, network)
    if WORLD_SIZE > 1:
        network = nn.parallel.DistributedDataParallel(network)

    warm_up_steps = max(WARM_UP_STEPS_MIN, steps)
    times = []
    for _ in range(warm_up_steps + steps):
        start = time.perf_counter()
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(x), y).backward()
        optimizer.step()
        times.append(time.perf_counter() - start)
    timed = sorted(times[warm_up_steps:])
    return timed[len(timed) // 2] * 1000


torch.set_num_threads(1)
torch.manual_seed(0)
if WORLD_SIZE > 1:
    distributed.init_process_group("gloo")
name = sys.argv[1]
workload = WORKLOADS[name]
ms = median_step_ms(workload, int(sys.argv[2]) if len(sys.argv) > 2 else workload.steps)
if RANK == 0:
    system = f"pytorch-{torch.__version__}" + (f"-ddp{WORLD_SIZE}" if WORLD_SIZE > 1 else "")
    line = {"system": system, "workload": name, "batch": workload.batch, "ms": round(ms, 3)}
    print(json.dumps({**line, "examplesPerSecond": round(workload.batch / ms * 1000)}), flush=True)
