import { manualSeed, ones, useKernels, type Tensor } from '@gradwire/tensor';
import { afterEach, describe, expect, it } from 'vitest';
import { Dropout, Dropout2d, DropPath } from '../src/layers/dropout.ts';

afterEach(() => useKernels('strict'));

const kept = (y: Tensor): number => [...y.data()].filter((value) => value !== 0).length;

describe('Dropout', () => {
  it('keeps a share of 1 − p, scaled by 1/(1 − p), and the gradient follows the same mask', () => {
    manualSeed(1);
    const x = ones([100, 100], { requiresGrad: true });
    const y = new Dropout(0.2).forward(x);
    expect(kept(y)).toBeGreaterThan(7800);
    expect(kept(y)).toBeLessThan(8200);
    expect(new Set(y.data())).toEqual(new Set([0, 1.25]));
    y.sum().backward();
    expect(x.grad!.data()).toEqual(y.data());
  });

  it('draws a new mask each time, and the same again from the same seed', () => {
    const layer = new Dropout(0.5);
    const draw = (): number[] => [...layer.forward(ones([37])).data()];
    manualSeed(3);
    const [first, second] = [draw(), draw()];
    expect(second).not.toEqual(first);
    manualSeed(3);
    expect([draw(), draw()]).toEqual([first, second]);
  });

  it('has the same mask on all kernels', () => {
    const masks = (['strict', 'relaxed', 'reference'] as const).map((variant) => {
      useKernels(variant);
      manualSeed(2 ** 40 + 7, 2 ** 33 + 1);
      return [...new Dropout(0.3).forward(ones([5, 31])).data()];
    });
    expect(masks[1]).toEqual(masks[0]);
    expect(masks[2]).toEqual(masks[0]);
  });

  it('is the identity in evaluation and for p = 0, and zero for p = 1', () => {
    const x = ones([4, 5]);
    expect(new Dropout(0.5).eval().forward(x)).toBe(x);
    expect(new Dropout(0).forward(x)).toBe(x);
    expect(kept(new Dropout(1).forward(x))).toBe(0);
  });

  it('refuses a p outside of 0 to 1', () => {
    expect(() => new Dropout(1.5)).toThrow('Dropout: p must be from 0 to 1, got 1.5');
  });

  it('with a fixed mask drops the same places in all samples, at every step, and in every copy of the model', () => {
    const make = (): Dropout => {
      manualSeed(5);
      return new Dropout(0.5, { fixed: true });
    };
    const layer = make();
    const [a, b] = [layer.forward(ones([3, 40])), layer.forward(ones([2, 40]))];
    expect([...a.select(0, 0).data()]).toEqual([...a.select(0, 2).data()]);
    expect([...a.select(0, 0).data()]).toEqual([...b.select(0, 1).data()]);
    const copy = make();
    manualSeed(77, 3); // as a training loop does before each shard
    expect([...copy.forward(ones([1, 40])).data()]).toEqual([...a.select(0, 0).data()]);
    manualSeed(6);
    expect([...new Dropout(0.5, { fixed: true }).forward(ones([1, 40])).data()]).not.toEqual([
      ...a.select(0, 0).data(),
    ]);
  });
});

describe('dropout of larger units', () => {
  it('Dropout2d drops whole channels', () => {
    manualSeed(1);
    const y = new Dropout2d(0.5).forward(ones([8, 6, 3, 3])).mean([2, 3]);
    expect(new Set(y.data())).toEqual(new Set([0, 2]));
    expect(() => new Dropout2d().forward(ones([2, 3]))).toThrow(/must have 4 dimensions/);
  });

  it('DropPath drops whole samples', () => {
    manualSeed(1);
    expect(
      new Set(
        new DropPath(0.5)
          .forward(ones([16, 5]))
          .mean(1)
          .data(),
      ),
    ).toEqual(new Set([0, 2]));
  });
});
