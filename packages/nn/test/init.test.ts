import { manualSeed, zeros, type Tensor } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import * as init from '../src/init.ts';
import { Conv2d } from '../src/layers/convolution.ts';
import { Linear } from '../src/layers/linear.ts';

const variance = (x: Tensor): number => x.var(undefined, false).item();
const reach = (x: Tensor): number => x.abs().max().item();

/** [out, in] with fans 100 and 300, and a convolution with the same fan in. */
const matrix = (): Tensor => zeros([300, 100]);
const filters = (): Tensor => zeros([75, 25, 2, 2]);

describe('initialisers', () => {
  it.each<[string, (x: Tensor) => Tensor, number]>([
    ['xavierUniform_', init.xavierUniform_, Math.sqrt(6 / 400)],
    ['kaimingUniform_', init.kaimingUniform_, Math.sqrt(6 / 100)],
    ['kaimingUniform_ with slope √5', (x) => init.kaimingUniform_(x, { a: Math.sqrt(5) }), 0.1],
    ['uniform_', (x) => init.uniform_(x, -0.3, 0.3), 0.3],
  ])('%s fills the range of its formula evenly', (_, fill, bound) => {
    for (const make of [matrix, filters]) {
      manualSeed(1);
      const x = fill(make());
      expect(reach(x)).toBeLessThanOrEqual(Math.fround(bound));
      expect(reach(x)).toBeGreaterThan(0.99 * bound);
      expect(variance(x) / (bound ** 2 / 3)).toBeCloseTo(1, 1);
      expect(x.mean().item() / bound).toBeCloseTo(0, 1);
    }
  });

  it.each<[string, (x: Tensor) => Tensor, number]>([
    ['xavierNormal_', init.xavierNormal_, 2 / 400],
    ['kaimingNormal_', init.kaimingNormal_, 2 / 100],
    ['normal_', (x) => init.normal_(x, 0, 0.5), 0.25],
  ])('%s has the variance of its formula', (_, fill, expected) => {
    for (const make of [matrix, filters]) {
      manualSeed(2);
      expect(variance(fill(make())) / expected).toBeCloseTo(1, 1);
    }
  });

  it.each<[string, init.KaimingOptions, number]>([
    ['fan out and ReLU', { mode: 'fanOut', nonlinearity: 'relu' }, 2 / 300],
    ['tanh', { nonlinearity: 'tanh' }, 25 / 9 / 100],
    ['a slope', { a: 1 }, 1 / 100],
  ])('kaimingNormal_ with %s has the variance of its formula', (_, options, expected) => {
    manualSeed(4);
    expect(variance(init.kaimingNormal_(matrix(), options)) / expected).toBeCloseTo(1, 1);
  });

  it("calculateGain has PyTorch's numbers", () => {
    const names = ['linear', 'conv2d', 'sigmoid', 'tanh', 'relu', 'selu', 'leakyRelu'] as const;
    const expected = [1, 1, 1, 5 / 3, Math.SQRT2, 0.75, Math.sqrt(2 / 1.0001)];
    expect(names.map((name) => init.calculateGain(name))).toEqual(expected);
    expect(() => init.calculateGain('gelu' as 'relu')).toThrow('there is no gain for "gelu"');
  });

  it.each([
    ['wide', { std: 0.5, low: -1, high: 1 }, 0, 0.8796],
    ['narrow', { low: 0, high: 1 }, 0.4599, 0.2822],
    ['off its mean', { mean: 1, low: -4, high: 0 }, -0.5251, 0.4463],
  ])('truncNormal_ keeps within its range and has the moments of the law: %s', (_, options, mean, std) => {
    manualSeed(5);
    const x = init.truncNormal_(zeros([40_000]), options);
    expect(x.min().item()).toBeGreaterThanOrEqual(options.low);
    expect(x.max().item()).toBeLessThanOrEqual(options.high);
    expect(x.mean().item()).toBeCloseTo(mean, 1);
    expect(Math.sqrt(variance(x)) / ('std' in options ? options.std : 1)).toBeCloseTo(std, 1);
    expect(() => init.truncNormal_(zeros([1]), { mean: 5 })).toThrow('mean 5 with deviation 1 does not fit');
  });

  it.each([[[4, 7]], [[7, 4]], [[6, 2, 3, 1]]])('orthogonal_ makes [%s] with right angles', (shape) => {
    manualSeed(6);
    const x = init.orthogonal_(zeros(shape), 2).reshape([shape[0]!, -1]);
    const gram = x.shape[0]! <= x.shape[1]! ? x.matmul(x.transpose(0, 1)) : x.transpose(0, 1).matmul(x);
    const identity = init.eye_(zeros(gram.shape)).mul(4);
    expect(gram.sub(identity).abs().max().item()).toBeLessThan(1e-5);
  });

  it('sparse_ leaves the same number of zeros in each column', () => {
    const zerosOf = (column: number[]): number => column.filter((x) => x === 0).length;
    const rows = init
      .sparse_(zeros([10, 4]), 0.25)
      .transpose(0, 1)
      .toArray() as number[][];
    expect(rows.map(zerosOf)).toEqual([3, 3, 3, 3]);
  });

  it('dirac_ makes a convolution that hands its channels on, in groups', () => {
    const conv = new Conv2d(2, 4, 3, { padding: 1, bias: false });
    init.dirac_(conv.weight, 2);
    const x = init.uniform_(zeros([1, 2, 5, 5]));
    const rows = conv.forward(x).reshape([4, 25]).toArray();
    const [a, b] = x.reshape([2, 25]).toArray() as number[][];
    expect(rows).toEqual([a, b, a, b]);
  });

  it('give the same numbers for the same seed', () => {
    const draw = (): unknown => {
      manualSeed(3);
      return new Linear(4, 3).weight.toArray();
    };
    expect(draw()).toEqual(draw());
  });

  it('fill with constants', () => {
    expect(init.ones_(zeros([2])).toArray()).toEqual([1, 1]);
    expect(init.constant_(zeros([2]), 5).toArray()).toEqual([5, 5]);
    expect(init.zeros_(init.ones_(zeros([2]))).toArray()).toEqual([0, 0]);
  });

  it('refuse tensors without fans', () => {
    expect(() => init.xavierUniform_(zeros([3]))).toThrow(
      'init: [3] has no fan; it needs the dimensions [out, in, ...]',
    );
  });
});

describe('layers begin as in PyTorch', () => {
  it('Linear: weight and bias uniform in ±1/√in', () => {
    manualSeed(4);
    const { weight, bias } = new Linear(64, 500);
    for (const x of [weight, bias!]) {
      expect(reach(x)).toBeLessThanOrEqual(1 / 8);
      expect(reach(x)).toBeGreaterThan(0.97 / 8);
    }
  });

  it('Conv2d: weight and bias uniform in ±1/√(inputs of one output), groups counted', () => {
    manualSeed(5);
    const { weight, bias } = new Conv2d(32, 64, 4, { groups: 8 });
    expect(weight.shape).toEqual([64, 4, 4, 4]);
    for (const x of [weight, bias!]) {
      expect(reach(x)).toBeLessThanOrEqual(1 / 8);
      expect(reach(x)).toBeGreaterThan(0.9 / 8);
    }
    expect(() => new Conv2d(3, 4, 3, { groups: 2 })).toThrow('Conv2d: 3 and 4 channels do not divide into 2 groups');
    expect(() => new Conv2d(3, 4, 0)).toThrow('Conv2d: kernelSize must be a whole number from 1, or two, got 0');
  });
});
