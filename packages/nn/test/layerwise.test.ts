import { flatSlices, Generator, tensor, useKernels, type Tensor } from '@gradwire/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlatNorms } from '../src/optim/flat-norms.ts';
import { LAMB } from '../src/optim/lamb.ts';
import { LARS } from '../src/optim/lars.ts';
import type { Optimizer } from '../src/optim/optimizer.ts';

const SIZES = [3, 1024, 2500];
const STEPS = 3;

interface Training {
  readonly values: number[][];
  readonly gradients: number[][][];
}

function drawTraining(seed: number): Training {
  const generator = new Generator(seed);
  const draw = (n: number): number[] => Array.from({ length: n }, () => Math.fround(generator.normal()));
  return { values: SIZES.map(draw), gradients: Array.from({ length: STEPS }, () => SIZES.map(draw)) };
}

const leaves = (values: readonly number[][]): Tensor[] => values.map((row) => tensor(row, { requiresGrad: true }));
const valuesOf = (optimizer: Optimizer): number[][] => optimizer.flat.parameters.map((p) => [...p.data()]);
const norm = (x: readonly number[]): number => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));

function setGradients(optimizer: Optimizer, gradients: readonly number[][]): void {
  optimizer.flat.parameters.forEach((parameter, i) => (parameter.grad = tensor(gradients[i]!)));
}

/** LAMB on one parameter as the paper writes it, in float64. */
function lambByHand(
  start: readonly number[],
  gradients: readonly number[][],
  [lr, b1, b2, eps, decay, least, most, adaptive]: readonly number[],
): number[] {
  let p = [...start];
  let [m, v] = [p.map(() => 0), p.map(() => 0)];
  for (const [t, g] of gradients.entries()) {
    m = m.map((old, i) => b1! * old + (1 - b1!) * g[i]!);
    v = v.map((old, i) => b2! * old + (1 - b2!) * g[i]! ** 2);
    const u = p.map((x, i) => {
      const [mHat, vHat] = [m[i]! / (1 - b1! ** (t + 1)), v[i]! / (1 - b2! ** (t + 1))];
      return mHat / (Math.sqrt(vHat) + eps!) + decay! * x;
    });
    const phi = Math.min(Math.max(norm(p), least!), most!);
    const ratio = adaptive && phi > 0 && norm(u) > 0 ? phi / norm(u) : 1;
    p = p.map((x, i) => x - lr! * ratio * u[i]!);
  }
  return p;
}

/** LARS on one parameter, in float64. */
function larsByHand(
  start: readonly number[],
  gradients: readonly number[][],
  [lr, momentum, decay, trust, eps, adaptive]: readonly number[],
): number[] {
  let p = [...start];
  let v = p.map(() => 0);
  for (const g of gradients) {
    const isScaled = adaptive && norm(p) > 0 && norm(g) > 0;
    const ratio = isScaled ? (trust! * norm(p)) / (norm(g) + decay! * norm(p) + eps!) : 1;
    v = v.map((old, i) => momentum! * old + ratio * (g[i]! + decay! * p[i]!));
    p = p.map((x, i) => x - lr! * v[i]!);
  }
  return p;
}

function expectByHand(
  optimizer: Optimizer,
  { values, gradients }: Training,
  byHand: (start: number[], gradients: number[][]) => number[],
): void {
  for (const step of gradients) {
    setGradients(optimizer, step);
    optimizer.step();
  }
  valuesOf(optimizer).forEach((row, p) => {
    const expected = byHand(
      values[p]!,
      gradients.map((step) => step[p]!),
    );
    const worst = row.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
    expect(worst).toBeLessThan(1e-5 * Math.max(1, norm(expected)));
  });
}

const share = (max: number, min = 0): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });

describe.each(['strict', 'reference'] as const)('with %s kernels', (variant) => {
  it('LAMB takes the steps that the formula of the paper gives in float64', () => {
    useKernels(variant);
    const options = fc.record({
      lr: share(0.1),
      betas: fc.tuple(share(0.95), share(0.999, 0.5)),
      eps: share(1e-3, 1e-8),
      weightDecay: share(0.1),
      adaptive: fc.boolean(),
      normBounds: fc.constantFrom([0, Infinity] as const, [0, 10] as const, [20, 30] as const),
    });
    fc.assert(
      fc.property(options, fc.nat(), (drawn, seed) => {
        const training = drawTraining(seed);
        const { lr, betas, eps, weightDecay, normBounds, adaptive } = drawn;
        expectByHand(new LAMB(leaves(training.values), drawn), training, (start, gradients) =>
          lambByHand(start, gradients, [lr, ...betas, eps, weightDecay, ...normBounds, Number(adaptive)]),
        );
      }),
      { numRuns: 15 },
    );
  });

  it('LARS takes the steps that its formula gives in float64', () => {
    useKernels(variant);
    const options = fc.record({
      lr: share(1),
      momentum: fc.oneof(fc.constant(0), share(0.95)),
      weightDecay: share(0.1),
      trustCoefficient: share(0.1),
      eps: share(1e-3),
      adaptive: fc.boolean(),
    });
    fc.assert(
      fc.property(options, fc.nat(), (drawn, seed) => {
        const training = drawTraining(seed);
        const { lr, momentum, weightDecay, trustCoefficient, eps, adaptive } = drawn;
        expectByHand(new LARS(leaves(training.values), drawn), training, (start, gradients) =>
          larsByHand(start, gradients, [lr, momentum, weightDecay, trustCoefficient, eps, Number(adaptive)]),
        );
      }),
      { numRuns: 15 },
    );
  });
});

it.each([
  [
    'LAMB',
    (p: Tensor[]) => new LAMB(p, { lr: 0.1, betas: [0.9, 0.99], weightDecay: 0.05 }),
    [0.5495492, -1.377602, 1.4759619],
  ],
  [
    'LARS',
    (p: Tensor[]) => new LARS(p, { lr: 2, trustCoefficient: 0.02, weightDecay: 0.05 }),
    [0.5355014, -1.4065628, 1.6869982],
  ],
] as const)('%s is what its formulas give in PyTorch 1.13, in float64', (_, make, expected) => {
  useKernels('strict');
  const optimizer = make(leaves([[0.5, -1.5, 2]]));
  const steps = [[0.1, -0.2, 0.3], [-0.4, 0.1, 0.2], [0.05, 0.3, -0.1]]; // prettier-ignore
  for (const gradient of steps) {
    setGradients(optimizer, [gradient]);
    optimizer.step();
  }
  expect(valuesOf(optimizer)[0]).toEqual(expected.map((value) => expect.closeTo(value, 6) as number));
});

describe('a parameter that is zero, or whose gradient is', () => {
  it('takes an unscaled step', () => {
    useKernels('strict');
    const zero = [[0, 0]];
    const [lamb, lars] = [new LAMB(leaves(zero), { lr: 0.5 }), new LARS(leaves(zero), { lr: 0.5 })];
    for (const optimizer of [lamb, lars]) {
      setGradients(optimizer, [[2, -4]]);
      optimizer.step();
    }
    expect(valuesOf(lamb)[0]).toEqual([expect.closeTo(-0.5, 5), expect.closeTo(0.5, 5)]);
    expect(valuesOf(lars)[0]).toEqual([-1, 2]);
    const still = new LARS(leaves([[1, 2]]), { lr: 0.5 });
    setGradients(still, [[0, 0]]);
    still.step();
    expect(valuesOf(still)).toEqual([[1, 2]]);
  });
});

describe('options that make no sense', () => {
  it('are refused', () => {
    expect(() => new LAMB(leaves([[1]]), { normBounds: [2, 1] })).toThrow('LAMB: normBounds must rise, got [2, 1]');
    expect(() => new LARS(leaves([[1]]), { trustCoefficient: -1 })).toThrow(
      'optimizer: trustCoefficient must be a number from 0, got -1',
    );
  });
});

describe.each(['strict', 'reference'] as const)('FlatNorms with %s kernels', (variant) => {
  it('are the norms of the rows, the same bits in slices of whole blocks', () => {
    useKernels(variant);
    const shape = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 300 }));
    const count = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(fc.array(shape, { minLength: 1, maxLength: 4 }), count, fc.nat(), (shapes, slices, seed) => {
        const generator = new Generator(seed);
        const parameters = shapes.map(([rows, columns]) =>
          tensor(Array.from({ length: rows }, () => Array.from({ length: columns }, () => generator.normal()))),
        );
        const { flat } = new LARS(parameters);
        const rowLength = ({ shape: [, columns] }: Tensor): number => columns!;
        const [whole, sliced] = [new FlatNorms(flat, rowLength), new FlatNorms(flat, rowLength)];
        whole.measure(flat.data, 0, flat.data.size);
        for (const { start, end } of flatSlices(flat, slices)) sliced.measure(flat.data, start, end);
        expect([...sliced.sums.view()]).toEqual([...whole.sums.view()]);
        expect(whole.total()).toBeCloseTo(norm(parameters.flatMap((p) => [...p.data()])), 8);
        parameters.forEach((parameter, i) => {
          const [first, last] = whole.rows(i);
          const norms = Array.from({ length: last - first }, (_, row) => whole.norm(first + row));
          const rows = parameter.toArray() as number[][];
          expect(norms).toEqual(rows.map((row) => expect.closeTo(norm(row), 8)));
          expect(whole.elements(first)).toEqual([flat.offsets[i], flat.offsets[i]! + shapes[i]![1]]);
        });
      }),
      { numRuns: 30 },
    );
  });
});
