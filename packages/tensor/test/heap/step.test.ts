import { describe, expect, it } from 'vitest';
import { full, ones, tensor, zeros } from '../../src/create.ts';
import { GradwireError, MemoryError } from '../../src/errors.ts';
import { memoryUsage } from '../../src/heap/allocate.ts';
import { step } from '../../src/heap/step.ts';
import '../../src/methods.ts';
import { Tensor } from '../../src/tensor.ts';

const ENDED = /the step that made it has ended; return it from the step to keep it/;

describe('step', () => {
  it('uses the same memory again: after the first, no step claims more', () => {
    const body = (): void => step(() => void ones([1000, 500]).add(1).mul(2).sum().item());
    body();
    const { claimedBytes, stepBytes, longLivedBytes } = memoryUsage();
    for (let i = 0; i < 20; i++) body();
    expect(memoryUsage()).toMatchObject({ claimedBytes, stepBytes, longLivedBytes });
  });

  it('moves the tensors that it returns out, alone or in an array, and leaves other values as they are', () => {
    const moved = step(() => full([3], 7).add(1));
    const [a, n, b] = step(() => [full([2], 1).add(1), 'text', full([2, 2], 3).t()]) as [Tensor, string, Tensor];
    step(() => zeros([1000])); // overwrites the arena
    expect(moved.toArray()).toEqual([8, 8, 8]);
    expect([a.toArray(), n, b.toArray()]).toEqual([
      [2, 2],
      'text',
      [
        [3, 3],
        [3, 3],
      ],
    ]);
    expect(step(() => 5)).toBe(5);
  });

  it('returns a tensor that was made before it as the same object', () => {
    const weights = ones([2]);
    expect(step(() => weights)).toBe(weights);
    step(() => {
      const outer = ones([2]);
      expect(step(() => outer)).toBe(outer);
    });
  });

  it('gives a tensor made inside, and views of it, a clear error when they are used after the end', () => {
    let inner!: Tensor;
    step(() => {
      inner = ones([2, 3]);
    });
    for (const use of [
      () => inner.data(),
      () => inner.add(1),
      () => ones([2, 3]).add(inner),
      () => inner.t().data(),
      () => inner.reshape([6]).data(),
      () => inner.sum(),
      () => inner.matmul(ones([3, 1])),
      () => ones([1, 2]).matmul(inner),
    ])
      expect(use).toThrow(/tensor \[[\d, ]+\]: the step that made it has ended/);
    expect(() => inner.data()).toThrow(MemoryError);
    expect(() => inner.data()).toThrow(ENDED);
  });

  it('nests: the inner end frees only what the inner step made', () => {
    const result = step(() => {
      const outer = full([4], 1);
      let lost!: Tensor;
      const kept = step(() => {
        lost = full([4], 2);
        return lost.add(outer);
      });
      const reuse = full([4], 9); // lies where `lost` lay
      expect(() => lost.data()).toThrow(ENDED);
      return kept.add(outer).add(reuse.mul(0));
    });
    expect(result.toArray()).toEqual([4, 4, 4, 4]);
  });

  it('ends also when its function throws', () => {
    let inner!: Tensor;
    expect(() =>
      step(() => {
        inner = ones([2]);
        throw new RangeError('of the caller');
      }),
    ).toThrow(RangeError);
    expect(() => inner.data()).toThrow(ENDED);
    expect(ones([2]).scope).toBeNull();
  });

  it('refuses an async function', () => {
    expect(() => step(() => Promise.resolve(1))).toThrow(
      new GradwireError('ERR_ASYNC_STEP', 'step: the function returned a promise; await before or after the step'),
    );
  });

  it('keeps gradients of long-lived leaves, and drops those of leaves that it made', () => {
    const weights = tensor([1, 2], { requiresGrad: true });
    let local!: Tensor;
    step(() => {
      local = tensor([3, 4], { requiresGrad: true });
      weights.mul(local).sum().backward();
    });
    step(() => full([100], 5));
    expect(weights.grad!.toArray()).toEqual([3, 4]);
    expect(() => local.grad!.data()).toThrow(ENDED);
  });

  it('never writes into a gradient whose step has ended', () => {
    step(() => {
      const outer = tensor([1, 2], { requiresGrad: true });
      step(() => outer.mul(2).sum().backward());
      const innocent = full([2], 7); // lies where the gradient lay
      expect(() => outer.mul(2).sum().backward()).toThrow(ENDED);
      expect(innocent.toArray()).toEqual([7, 7]);
    });
  });
});

describe('long-lived tensors', () => {
  it('give their memory back once, however often they are disposed', () => {
    const before = memoryUsage().longLivedBytes;
    const a = ones([100]);
    a[Symbol.dispose]();
    const b = full([100], 3);
    a[Symbol.dispose]();
    const c = full([100], 4);
    expect([b.toArray(), c.toArray()]).toEqual([new Array(100).fill(3), new Array(100).fill(4)]);
    b[Symbol.dispose]();
    c[Symbol.dispose]();
    expect(memoryUsage().longLivedBytes).toBe(before);
  });

  it('say so when they are used after being disposed', () => {
    const a = ones([2]);
    a[Symbol.dispose]();
    expect(() => a.add(1)).toThrow('tensor [2]: it was disposed; make a new one');
  });

  it('give back the memory of their gradient too', () => {
    const before = memoryUsage().longLivedBytes;
    const a = tensor([1, 2], { requiresGrad: true });
    step(() => a.mul(a).sum().backward());
    a[Symbol.dispose]();
    expect([memoryUsage().longLivedBytes, a.grad]).toEqual([before, null]);
  });

  it('share views, bytes and handles of their memory; tensors of a step and strided views have none to share', () => {
    const a = tensor([
      [1, 2],
      [3, 4],
    ]);
    a.view()[3] = 9;
    expect([a.toArray(), a.bytes().length]).toEqual([
      [
        [1, 2],
        [3, 9],
      ],
      16,
    ]);
    expect(Tensor.fromHandle(structuredClone(a.handle())).toArray()).toEqual(a.toArray());
    expect(() => a.t().view()).toThrow('view: a strided view has no lasting memory of its own');
    step(() => expect(() => ones([1]).handle()).toThrow('handle: a tensor of a step has no lasting memory of its own'));
  });
});
