import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { memoryUsage, randint, randn, step } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { ReLU } from '../src/layers/activations.ts';
import { Linear } from '../src/layers/linear.ts';
import { Sequential } from '../src/layers/sequential.ts';
import { crossEntropy } from '../src/losses/cross-entropy.ts';
import { SGD } from '../src/optim/sgd.ts';
import { leNet } from './networks.ts';

const STEPS = 300;
const JS_GROWTH_MAX = 2 ** 20;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** JavaScript's own heap in use, nothing unreachable counted. */
function reachableBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const mlp = (): Sequential => new Sequential(new Linear(784, 64), new ReLU(), new Linear(64, 10));

describe.each([
  ['an MLP', mlp, [8, 784]],
  ['LeNet', leNet, [4, 1, 28, 28]],
] as const)('training %s', (_, make, shape) => {
  it(`takes no more of the heap, nor of JavaScript's, after step 3 of ${STEPS}`, () => {
    const model = make();
    const optimizer = new SGD(model.parameters(), { lr: 0.01, momentum: 0.9 });
    const [x, y] = [randn(shape), randint(0, 10, [shape[0]])];
    const train = (): number =>
      step(() => {
        optimizer.zeroGrad();
        const loss = crossEntropy(model.forward(x), y);
        loss.backward();
        optimizer.step();
        return loss.item();
      });
    const losses = [train(), train(), train()];
    const [heap, reachable] = [memoryUsage(), reachableBytes()];
    for (let i = 3; i < STEPS; i++) losses.push(train());
    expect(memoryUsage()).toEqual(heap);
    expect(reachableBytes() - reachable).toBeLessThan(JS_GROWTH_MAX);
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
  });
});
