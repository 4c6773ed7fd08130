import { flatSlices, gradcheck, Generator, tensor, useKernels, type Tensor } from '@gradwire/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { l1Penalty, l2Penalty } from '../src/losses/penalty.ts';
import { limitRows, maxNorm_, rowNorms } from '../src/optim/max-norm.ts';
import { SGD } from '../src/optim/sgd.ts';

const leaf = (values: Parameters<typeof tensor>[0]): Tensor => tensor(values, { requiresGrad: true });

describe('penalties', () => {
  it('are sums over all parameters, with their slopes as gradients', () => {
    const parameters = [leaf([[1, -2]]), leaf([0, 3])];
    const [l1, l2] = [l1Penalty(parameters), l2Penalty(parameters)];
    expect([l1.item(), l2.item()]).toEqual([6, 14]);
    l1.backward();
    expect(parameters.map(({ grad }) => grad!.toArray())).toEqual([[[1, -1]], [0, 1]]);
    for (const parameter of parameters) parameter.grad = null;
    l2.mul(0.5).backward();
    expect(parameters.map(({ grad }) => grad!.toArray())).toEqual([[[1, -2]], [0, 3]]);
    expect([l1Penalty([]).item(), l2Penalty([]).item()]).toEqual([0, 0]);
  });

  it('agree with central differences in float64', () => {
    const inputs = [
      tensor([[0.5, -1.5, 2]], { dtype: 'float64', requiresGrad: true }),
      tensor([-0.7], { dtype: 'float64', requiresGrad: true }),
    ];
    expect(() => gradcheck((...parameters) => l1Penalty(parameters), inputs)).not.toThrow();
    expect(() => gradcheck((...parameters) => l2Penalty(parameters), inputs)).not.toThrow();
  });

  it('half the squares take the step that weightDecay takes', () => {
    const [a, b] = [leaf([3, -4]), leaf([3, -4])];
    l2Penalty([a])
      .mul(0.5 * 0.1)
      .backward();
    b.grad = tensor([0, 0]);
    new SGD([a], { lr: 0.5 }).step();
    new SGD([b], { lr: 0.5, weightDecay: 0.1 }).step();
    expect(a.toArray()).toEqual((b.toArray() as number[]).map((value) => expect.closeTo(value, 6) as number));
  });
});

describe('the limit of the norm of rows', () => {
  it('scales longer rows to it and leaves all else, as renorm does (values computed by PyTorch 1.13)', () => {
    const [weight, bias] = [leaf([[3, 4], [0.3, 0.4], [0, 0]]), leaf([9, 9])]; // prettier-ignore
    maxNorm_([weight, bias], 1);
    const [first, ...others] = weight.toArray() as number[][];
    expect(first).toEqual([expect.closeTo(0.6, 6), expect.closeTo(0.8, 6)]);
    expect([others, bias.toArray()]).toEqual([[[Math.fround(0.3), Math.fround(0.4)], [0, 0]], [9, 9]]); // prettier-ignore
    const kernel = leaf([[[[3], [4]]], [[[0], [1]]]]);
    maxNorm_([kernel], 2);
    expect([...kernel.data()]).toEqual([1.2, 1.6, 0, 1].map((value) => expect.closeTo(value, 6) as number));
    expect(() => maxNorm_([weight], -1)).toThrow('maxNorm must be a number from 0, got -1');
  });

  it('gives the same bits in flat memory, however many slices it is cut into', () => {
    useKernels('strict');
    const shape = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 700 }));
    const shapes = fc.array(shape, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(shapes, fc.integer({ min: 2, max: 4 }), fc.nat(), (drawn, count, seed) => {
        const make = (): Tensor[] => {
          const generator = new Generator(seed);
          return drawn.map(([rows, columns]) =>
            leaf(Array.from({ length: rows }, () => Array.from({ length: columns }, () => generator.normal()))),
          );
        };
        const limited = (slices: number): Tensor[] => {
          const parameters = make();
          const { flat } = new SGD(parameters);
          const norms = rowNorms(flat);
          const parts = flatSlices(flat, slices);
          for (const { start, end } of parts) norms.measure(flat.data, start, end);
          for (const part of parts) limitRows(flat, norms, 4, part);
          return parameters;
        };
        const values = (parameters: Tensor[]): number[] => parameters.flatMap((parameter) => [...parameter.data()]);
        const whole = values(limited(1));
        expect(values(limited(count))).toEqual(whole);
        const alone = make();
        maxNorm_(alone, 4);
        values(alone).forEach((value, i) => expect(Math.abs(value - whole[i]!)).toBeLessThan(1e-6));
      }),
      { numRuns: 15 },
    );
  });
});
