import {
  arange,
  conv2d,
  fromTypedArray,
  manualSeed,
  ones,
  randn,
  ShapeError,
  tensor,
  type Tensor,
  maxPool1dWithIndices,
  maxPool2dWithIndices,
  where,
} from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { AlphaDropout, FeatureAlphaDropout } from '../src/layers/alpha-dropout.ts';
import { ChannelShuffle } from '../src/layers/channel-shuffle.ts';
import { MaxUnpool1d, MaxUnpool2d } from '../src/layers/max-unpool.ts';
import { Fold, Unfold } from '../src/layers/fold.ts';
import { LocalResponseNorm } from '../src/layers/local-response-norm.ts';
import { LPPool1d, LPPool2d } from '../src/layers/lp-pooling.ts';
import { ParameterDict } from '../src/layers/parameter-dict.ts';
import { Parameter } from '../src/parameter.ts';

const numbers = (shape: number[]): Tensor =>
  fromTypedArray(
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((7 * i * i + i) % 11) / 5 - 1),
    shape,
  );

function expectClose(actual: Tensor, expected: Tensor): void {
  expect(actual.shape).toEqual(expected.shape);
  expect(actual.sub(expected).abs().max().item()).toBeLessThan(1e-9);
}

describe('Unfold and Fold', () => {
  const geometry = { stride: [2, 1], padding: [1, 0], dilation: [1, 2] };

  it('give a convolution as a product with the columns', () => {
    const [x, weight] = [numbers([2, 3, 6, 7]), numbers([4, 3, 2, 3])];
    const product = weight.reshape([4, -1]).matmul(new Unfold([2, 3], geometry).forward(x));
    const expected = conv2d(x, weight, null, geometry);
    expectClose(product, expected.flatten(2));
  });

  it('are adjoint: ⟨Unfold x, c⟩ = ⟨x, Fold c⟩', () => {
    const x = numbers([2, 3, 6, 7]);
    const columns = new Unfold([2, 3], geometry).forward(x);
    const c = numbers([...columns.shape]).add(0.3);
    const image = new Fold([6, 7], [2, 3], geometry).forward(c);
    expect(columns.mul(c).sum().item()).toBeCloseTo(x.mul(image).sum().item(), 9);
  });

  it('refuse columns that are not those of the image', () => {
    expect(() => new Fold([4, 4], 2).forward(ones([1, 4, 8]))).toThrow(
      'col2im: x [1, 4, 8] must be [N, C·4, 9] for an image [4, 4]',
    );
    expect(() => new Unfold(3).forward(ones([1, 1, 2, 5]))).toThrow(ShapeError);
  });
});

describe('MaxUnpool', () => {
  it('puts the greatest elements back where they were', () => {
    const x = tensor([[[1, 5, 2, 2, 7, 3]]], { dtype: 'float64', requiresGrad: true });
    const { values, indices } = maxPool1dWithIndices(x, 2);
    expect([...indices.data()]).toEqual([1, 2, 4]);
    const y = new MaxUnpool1d(2).forward(values, indices);
    expect(y.toArray()).toEqual([[[0, 5, 2, 0, 7, 0]]]);
    y.pow(2).sum().backward();
    expect(x.grad!.toArray()).toEqual([[[0, 10, 4, 0, 14, 0]]]);
  });

  it('makes images of a given size too, and after overlapping windows keeps each element once', () => {
    const x = numbers([2, 3, 5, 5]);
    const { values, indices } = maxPool2dWithIndices(x, 3, { stride: 2 });
    const y = new MaxUnpool2d(3, { stride: 2 }).forward(values, indices, [5, 5]);
    const chosen = y.ne(0);
    expectClose(y, where(chosen, x, 0));
    expect(maxPool2dWithIndices(numbers([2, 3, 6, 5]), 2).indices.shape).toEqual([2, 3, 3, 2]);
    expect(() => new MaxUnpool2d(2).forward(values, indices.narrow(0, 0, 1))).toThrow('must have one shape');
  });
});

it('LPPool is the root of the sum of powers in each window', () => {
  const x = tensor([[[3, 4, 0, 0, 6, 8]]], { dtype: 'float64' });
  expect(new LPPool1d(2, 2).forward(x).toArray()).toEqual([[[5, 0, 10]]]);
  expect(new LPPool2d(1, [1, 3], { stride: [1, 2] }).forward(x.unsqueeze(0)).toArray()).toEqual([[[[7, 6]]]]);
});

it('LocalResponseNorm divides by the squares of neighbouring channels', () => {
  const x = tensor([[[1], [2], [3], [4]]], { dtype: 'float64' });
  const y = new LocalResponseNorm(3, { alpha: 3, beta: 1, k: 1 }).forward(x);
  const expected = [1 / (1 + 1 + 4), 2 / (1 + 1 + 4 + 9), 3 / (1 + 4 + 9 + 16), 4 / (1 + 9 + 16)];
  expectClose(y.flatten(), tensor(expected, { dtype: 'float64' }));
});

it('ChannelShuffle takes channels of all groups in turns', () => {
  const x = arange(6).reshape([1, 6, 1]);
  expect([...new ChannelShuffle(2).forward(x).data()]).toEqual([0, 3, 1, 4, 2, 5]);
  expect(() => new ChannelShuffle(4).forward(x)).toThrow('6 channels of [1, 6, 1] do not divide into 4 groups');
});

describe('AlphaDropout', () => {
  it('keeps mean 0 and variance 1, with the value that selu falls to', () => {
    manualSeed(1);
    const x = randn([200, 200]);
    const y = new AlphaDropout(0.3).forward(x);
    expect(Math.abs(y.mean().item())).toBeLessThan(0.02);
    expect(Math.abs(y.var().item() - 1)).toBeLessThan(0.03);
    const scale = 1 / Math.sqrt((1.7580993408473766 ** 2 * 0.3 + 1) * 0.7);
    const dropped = (0.3 - 1) * 1.7580993408473766 * scale;
    const count = [...y.data()].filter((value) => Math.abs(value - dropped) < 1e-5).length;
    expect(Math.abs(count / 40_000 - 0.3)).toBeLessThan(0.01);
  });

  it('is x itself in evaluation, zeros for p = 1, and drops whole channels as FeatureAlphaDropout', () => {
    const x = ones([2, 50, 3]);
    expect(new AlphaDropout().eval().forward(x)).toBe(x);
    expect(new AlphaDropout(1).forward(x).abs().sum().item()).toBe(0);
    manualSeed(4);
    const channels = new FeatureAlphaDropout(0.5).forward(x);
    expect(
      channels
        .sub(channels.narrow(2, 0, 1))
        .abs()
        .sum()
        .item(),
    ).toBe(0);
    expect(new Set(channels.data()).size).toBe(2);
  });
});

it('ParameterDict holds parameters by name, and names them in the state dict', () => {
  const dict = new ParameterDict({ left: new Parameter(ones([2])), right: new Parameter(ones([3])) });
  dict.set('third', new Parameter(ones([1])));
  expect(dict.namedParameters().map(([name]) => name)).toEqual(['left', 'right', 'third']);
  expect([dict.size, dict.has('left'), dict.get('right').shape, [...dict.keys()]]).toEqual([3, true, [3], ['left', 'right', 'third']]); // prettier-ignore
  expect(() => dict.get('up')).toThrow('ParameterDict: there is no parameter "up"; there are: left, right, third');
  expect(() => dict.set('a.b', new Parameter(ones([1])))).toThrow('must not be empty or have a dot');
});
