import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arange, eye, linspace, tensor, zeros } from '../src/create.ts';
import { step } from '../src/heap/step.ts';
import { useKernels } from '../src/kernels/dispatch.ts';
import '../src/methods.ts';
import { multinomial } from '../src/ops/multinomial.ts';
import { randperm } from '../src/random/default-generator.ts';
import { Generator } from '../src/random/generator.ts';

const kernels = fc.constantFrom('strict' as const, 'reference' as const);

describe('ordering', () => {
  it('sorts like a stable sort, rising and falling, whatever the length, with NaN as the largest', () => {
    const element = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(NaN, Infinity, -Infinity));
    fc.assert(
      fc.property(fc.array(element, { maxLength: 40 }), fc.boolean(), kernels, (values, falling, variant) => {
        useKernels(variant);
        const rank = (x: number): number => (Number.isNaN(x) ? 10 : Math.min(Math.max(x, -9), 9));
        const order = values.map((_, i) => i);
        order.sort((a, b) => (falling ? rank(values[b]!) - rank(values[a]!) : rank(values[a]!) - rank(values[b]!)));
        const sorted = step(() => {
          const { values: y, indices } = tensor(values).sort(0, falling);
          return [y.toArray(), indices.toArray()];
        });
        expect(sorted).toEqual([order.map((i) => values[i]), order]);
      }),
      { numRuns: 60 },
    );
    useKernels('strict');
  });

  it('topk takes from the sorted order; k may be 0 and the whole size, and no more', () => {
    const x = tensor([
      [3, 1, 2],
      [4, 6, 5],
    ]);
    expect(x.topk(2).values.toArray()).toEqual([
      [3, 2],
      [6, 5],
    ]);
    expect(x.topk(1, 0, false).indices.toArray()).toEqual([[0, 0, 0]]);
    expect(x.topk(0).values.shape).toEqual([2, 0]);
    expect(() => x.topk(4)).toThrow('topk: k must be a whole number from 0 to 3, the size of dimension -1, got 4');
  });

  it('the median is the lower middle, and NaN if there is one', () => {
    expect(tensor([4, 1, 3, 2]).median().item()).toBe(2);
    expect(tensor([4, NaN, 3]).median().item()).toBeNaN();
    expect(tensor([4, NaN, 3]).median(0).indices.item()).toBe(1);
    expect(zeros([0]).median().item()).toBeNaN();
  });
});

describe('rearranging', () => {
  it('flip, roll, repeat and triangles give what their names say', () => {
    const x = arange(6).reshape([2, 3]);
    expect(x.flip([0, 1]).toArray()).toEqual([
      [5, 4, 3],
      [2, 1, 0],
    ]);
    expect(x.roll(1, 1).toArray()).toEqual([
      [2, 0, 1],
      [5, 3, 4],
    ]);
    expect(x.roll(-1).toArray()).toEqual([
      [1, 2, 3],
      [4, 5, 0],
    ]);
    expect(tensor([1, 2]).repeat([2, 2]).toArray()).toEqual([
      [1, 2, 1, 2],
      [1, 2, 1, 2],
    ]);
    expect(tensor([1, 2]).repeatInterleave(2).toArray()).toEqual([1, 1, 2, 2]);
    const mask = tensor([1, 1, 1, 1]).eq(1).reshape([2, 2]).triu(1);
    expect([mask.dtype, mask.toArray()]).toEqual([
      'bool',
      [
        [0, 1],
        [0, 0],
      ],
    ]);
    expect(x.tril().toArray()).toEqual([
      [0, 0, 0],
      [3, 4, 0],
    ]);
  });

  it('flip twice is nothing, for any shape and strides', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 2, maxLength: 4 }), fc.nat(), (shape, seed) => {
        step(() => {
          const x = new Generator(seed).randn(shape).transpose(0, 1);
          expect(x.flip([0, -1]).flip([0, -1]).toArray()).toEqual(x.toArray());
        });
      }),
      { numRuns: 40 },
    );
  });

  it('of several elements for one place of scatter the last stays', () => {
    const index = tensor([0, 2, 0], { dtype: 'int32' });
    expect(
      zeros([3])
        .scatter(0, index, tensor([1, 2, 3]))
        .toArray(),
    ).toEqual([3, 0, 2]);
    expect(zeros([3]).scatter(0, index, 9).toArray()).toEqual([9, 0, 9]);
  });
});

describe('logic, rounding and making', () => {
  it('any and all of nothing are false and true; NaN counts as true', () => {
    const nothing = zeros([0]);
    expect([nothing.any().item(), nothing.all().item(), tensor([NaN]).all().item()]).toEqual([0, 1, 1]);
    const [a, b] = [tensor([0, 0, 2, 3]), tensor([0, 1, 0, -1])];
    expect([a.logicalAnd(b), a.logicalOr(b), a.logicalXor(b), a.logicalNot()].map((x) => x.toArray())).toEqual([
      [0, 0, 0, 1],
      [0, 1, 1, 1],
      [0, 1, 1, 0],
      [1, 1, 0, 0],
    ]);
    const odd = tensor([NaN, Infinity, -Infinity, 1]);
    expect([odd.isnan().toArray(), odd.isfinite().toArray()]).toEqual([
      [1, 0, 0, 0],
      [0, 0, 0, 1],
    ]);
  });

  it.each(['strict', 'reference'] as const)(
    'rounds halves to even and takes remainders like PyTorch, %s',
    (variant) => {
      useKernels(variant);
      const x = tensor([-2.5, -1.5, -0.4, 0.5, 1.5, 2.5, 2.6]);
      expect(x.round().add(0).toArray()).toEqual([-2, -2, 0, 0, 2, 2, 3]);
      expect(x.floor().toArray()).toEqual([-3, -2, -1, 0, 1, 2, 2]);
      expect(x.ceil().add(0).toArray()).toEqual([-2, -1, 0, 1, 2, 3, 3]);
      expect(x.trunc().add(0).toArray()).toEqual([-2, -1, 0, 0, 1, 2, 2]);
      expect(
        tensor([5, -5, 5, -5])
          .remainder(tensor([3, 3, -3, -3]))
          .toArray(),
      ).toEqual([2, 1, -1, -2]);
      expect(tensor([1]).remainder(0).item()).toBeNaN();
      useKernels('strict');
    },
  );

  it('products are 1 for nothing, and their gradient is right beside zeros', () => {
    expect(zeros([0, 2]).prod(0).toArray()).toEqual([1, 1]);
    const x = tensor([2, 0, 3], { requiresGrad: true });
    x.prod().backward();
    expect(x.grad!.toArray()).toEqual([0, 6, 0]);
  });

  it('linspace ends exactly, eye has ones on its diagonal, randperm holds every number once', () => {
    expect(linspace(0, 0.3, 4).data().at(-1)).toBe(Math.fround(0.3));
    expect(linspace(2, 5, 1).toArray()).toEqual([2]);
    expect(eye(2, 3).toArray()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    expect(randperm(9).sort().values.toArray()).toEqual(arange(9).toArray());
  });
});

describe('multinomial', () => {
  it('draws in proportion to the weights', () => {
    const generator = new Generator(5);
    const drawn = multinomial(tensor([1, 0, 3]), 4000, { replacement: true, generator }).data();
    const share = drawn.filter((place) => place === 2).length / drawn.length;
    expect(Math.abs(share - 0.75)).toBeLessThan(0.03);
    expect(drawn.includes(1)).toBe(false);
  });

  it('draws no place twice without replacement, and says when it cannot', () => {
    const weights = tensor([
      [1, 2, 3, 0],
      [0, 1, 1, 1],
    ]);
    for (const row of multinomial(weights, 3).toArray() as number[][]) expect(new Set(row).size).toBe(3);
    expect(() => weights.multinomial(4)).toThrow('multinomial: 4 places are to be drawn, but 3 have a weight above 0');
    expect(() => tensor([1, -1]).multinomial(1)).toThrow('weights must be finite and not below 0, got -1');
  });
});
