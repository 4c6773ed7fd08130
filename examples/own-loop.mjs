// Your own training loop over processes that you start yourself, with torchrun's variables. Run two of them:
//
//   export GRADWIRE_TOKEN=a-secret-of-this-run MASTER_ADDR=127.0.0.1 MASTER_PORT=29500 WORLD_SIZE=2
//   RANK=0 node examples/own-loop.mjs & RANK=1 node examples/own-loop.mjs
//
// Without the variables it is a group of one.
import { DataLoader, synthDigits } from '@gradwire/data';
import { DataParallel, joinGroup } from '@gradwire/dist';
import { AdamW, Flatten, Linear, ReLU, Sequential, accuracy, crossEntropy } from '@gradwire/nn';
import { manualSeed, noGrad, step } from '@gradwire/tensor';

const group = await joinGroup();
const { train, test } = synthDigits({ trainLength: 2000, testLength: 500 });
manualSeed(1);
const model = new Sequential(new Flatten(), new Linear(784, 64), new ReLU(), new Linear(64, 10));
const parallel = new DataParallel(group, model.namedParameters());
await parallel.broadcastParameters();
const optimizer = new AdamW(model.parameters(), { lr: 3e-3 });
const loader = new DataLoader(train, { batchSize: 100, shuffle: true, seed: 1 }).shard(group.rank, group.size);

for (let epoch = 0; epoch < 3; epoch++) {
  const batches = loader[Symbol.iterator]();
  for (;;) {
    // Forward and backward in a step: its memory is used again. Buckets of gradients leave as they fill.
    const isOver = step(() => {
      const { value, done } = batches.next();
      if (done) return true;
      optimizer.zeroGrad();
      crossEntropy(model.forward(value.x), value.y).backward();
      return false;
    });
    if (isOver) break;
    await parallel.finish(); // the gradients are now the mean over all processes
    optimizer.step();
  }
}

const score = step(() =>
  noGrad(() => {
    const { x, y } = test.batch(Int32Array.from({ length: test.length }, (_, i) => i));
    return accuracy(model.forward(x), y);
  }),
);
if (group.rank === 0) console.log(`${group.size} processes, test accuracy ${(100 * score).toFixed(1)} %`);
await group.close();
