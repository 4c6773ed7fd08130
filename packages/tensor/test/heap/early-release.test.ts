import { describe, expect, it } from 'vitest';
import { noGrad } from '../../src/autograd.ts';
import { recordCustom } from '../../src/autograd/custom.ts';
import { grad } from '../../src/autograd/grad.ts';
import { full, ones, tensor, zeros } from '../../src/create.ts';
import { MemoryError } from '../../src/errors.ts';
import { freeBlock, LARGE_BYTES, memoryUsage } from '../../src/heap/allocate.ts';
import { blockOf } from '../../src/heap/made.ts';
import { step } from '../../src/heap/step.ts';
import { cat } from '../../src/ops/join.ts';
import { manualSeed, randn } from '../../src/random/default-generator.ts';
import '../../src/methods.ts';
import type { Tensor } from '../../src/tensor.ts';

const SIZE = 96; // 36 KiB a matrix
const MIB = 2 ** 20;

const leaf = (x: Tensor): Tensor => x.detach().requiresGrad_();
const bits = (x: Tensor): Buffer => Buffer.from(x.data().buffer);
const large = (value: number): Tensor => full([LARGE_BYTES], value);

/** Shared gradients, views, sums of many uses, broadcasting and changes in place. */
function tangle(x: Tensor, w: Tensor): Tensor {
  const h = x.matmul(w).tanh();
  const [top, bottom] = h.chunk(2, 0);
  const joined = cat([bottom.mul(2), top.add(bottom)], 0).t();
  const changed = joined.exp().clone();
  changed.narrow(0, 0, 4).mul_(0.5);
  return changed.add(h).add(h.mean(0)).softmax(1).sub(x.t()).pow(2).mean();
}

describe('backward inside a step', () => {
  it('gives the same bits as outside of steps, where no memory is given back early', () => {
    manualSeed(1);
    const [x, w] = [leaf(randn([SIZE, SIZE])), leaf(randn([SIZE, SIZE]))];
    tangle(x, w).backward();
    const expected = [x, w].map(({ grad }) => bits(grad!));
    const expectedOfGrad = grad(tangle(x, w), [x, w]).map(bits);
    for (let round = 0; round < 2; round++) {
      x.grad = w.grad = null;
      step(() => tangle(x, w).backward());
      expect([x, w].map(({ grad }) => bits(grad!))).toEqual(expected);
      const given = step(() => grad(tangle(x, w), [x, w]));
      expect(given.map(bits)).toEqual(expectedOfGrad);
    }
  });

  it('needs memory for a few gradients, not for all', () => {
    const x = full([MIB / 4], 0.1, { requiresGrad: true });
    const layers = 30;
    const before = memoryUsage().stepBytes;
    step(() => {
      let y = x;
      for (let i = 0; i < layers; i++) y = y.tanh();
      y.sum().backward();
    });
    expect((memoryUsage().stepBytes - before) / MIB).toBeLessThan(layers + 9);
  });

  it('leaves all that its caller can reach as it was', () => {
    step(() => {
      const x = leaf(large(2));
      const seen: Tensor[] = [];
      const [a, b] = [x.mul(3), x.add(1)];
      const c = a.mul(b);
      c.registerHook((g) => void seen.push(g));
      b.retainGrad();
      const kept = recordCustom(c.detach(), (g) => (seen.push(g, g.mul(2)), [seen.at(-1)!]), [c]);
      const total = kept.mul(2).sum();
      const [slope] = grad(total, a, { retainGraph: true });
      total.backward();
      for (let i = 0; i < 8; i++) large(9); // fills what was given back
      const values = (...tensors: Tensor[]): string[] => tensors.map((y) => [...new Set(y.data())].join());
      expect(values(a, b, c, kept, slope, b.grad!, x.grad!)).toEqual(['6', '3', '18', '18', '12', '24', '60']);
      expect(values(...seen)).toEqual(['2', '4', '4', '2', '4', '4']); // twice: the gradient, its double, and at the hook
    });
  });
});

describe('a block that was given back', () => {
  it('is used again, and its tensor and views of it say so', () => {
    step(() => {
      const x = large(1);
      const view = x.reshape([2, -1]);
      freeBlock(blockOf(x)!);
      const next = large(2);
      expect(next.address).toBe(x.address);
      for (const dead of [x, view, x.narrow(0, 0, 1)]) expect(() => dead.add(1)).toThrow(/its memory was given back/);
      expect(() => x.item()).toThrow(Error);
      expect(() => x.data()).toThrow(MemoryError);
      expect(next.data()[0]).toBe(2);
    });
  });

  it('leaves the end of its step nothing to do twice', () => {
    const body = (): void =>
      step(() => {
        const x = large(1);
        freeBlock(blockOf(x)!);
        freeBlock(blockOf(x)!);
        const [y, z] = [large(2), large(3)];
        expect([y.data()[0], z.data()[0]]).toEqual([2, 3]);
      });
    body();
    const usage = memoryUsage();
    for (let i = 0; i < 5; i++) body();
    expect(memoryUsage()).toEqual(usage);
  });
});

describe('large tensors', () => {
  it('die with their step, and are moved out of it when it returns them', () => {
    let lost!: Tensor;
    const kept = step(() => {
      lost = large(1);
      const inner = step(() => lost.add(1));
      const over = large(7);
      expect([inner.data()[0], over.data()[0]]).toEqual([2, 7]);
      return inner;
    });
    step(() => void large(9));
    expect([kept.data()[0], kept.scope]).toEqual([2, null]);
    expect(() => lost.data()).toThrow(/the step that made it has ended/);
    kept[Symbol.dispose]();
  });

  it('have no block outside of steps, nor if they are small', () => {
    expect(blockOf(zeros([LARGE_BYTES]))).toBeNull();
    step(() => expect(blockOf(ones([4]))).toBeNull());
    noGrad(() => expect(tensor([1]).scope).toBeNull());
  });
});
