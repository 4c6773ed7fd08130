import { describe, expect, it } from 'vitest';
import { grad } from '../src/autograd/grad.ts';
import { ones, zeros } from '../src/create.ts';
import { ShapeError } from '../src/errors.ts';
import { adaptiveAvgPool1d, adaptiveMaxPool2d } from '../src/ops/adaptive-pool.ts';
import { attentionWeights } from '../src/ops/attention-weights.ts';
import { scaledDotProductAttention } from '../src/ops/attention.ts';
import { batchNorm } from '../src/ops/batch-norm.ts';
import { convTranspose2d } from '../src/ops/conv-transpose.ts';
import { conv1d, conv2d } from '../src/ops/convolution.ts';
import { interpolate } from '../src/ops/interpolate.ts';
import { cat } from '../src/ops/join.ts';
import { linear } from '../src/ops/linear.ts';
import { avgPool2d, maxPool1d } from '../src/ops/pooling.ts';
import { layerNorm } from '../src/ops/row-norm.ts';
import '../src/methods.ts';
import type { Tensor } from '../src/tensor.ts';

const indices = (...shape: number[]): Tensor => zeros(shape, { dtype: 'int32' });

describe('results without elements, and results of nothing, are those of PyTorch', () => {
  it.each<[string, Tensor, number[], unknown?]>([
    ['a sum is 0', zeros([2, 0]).sum(1), [2], [0, 0]],
    ['a product is 1', zeros([2, 0]).prod(1), [2], [1, 1]],
    ['the product of everything is 1', zeros([0]).prod(), [], 1],
    ['a mean is NaN', zeros([0, 2]).mean(0), [2], [NaN, NaN]],
    ['a variance is NaN', zeros([0, 2]).var(0), [2], [NaN, NaN]],
    ['a standard deviation is NaN', zeros([0, 2]).std(0), [2], [NaN, NaN]],
    ['a norm is 0', zeros([2, 0]).norm(1), [2], [0, 0]],
    ['logsumexp is −∞', zeros([2, 0]).logsumexp(1), [2], [-Infinity, -Infinity]],
    ['the median of everything is NaN', zeros([2, 0]).median(), [], NaN],
    ['all is true', zeros([0]).all(), [], 1],
    ['any is false', zeros([0]).any(), [], 0],
    ['the greatest along a full dimension', zeros([2, 0]).amax(0), [0]],
    ['softmax', zeros([2, 0]).softmax(1), [2, 0]],
    ['cumsum', zeros([0]).cumsum(0), [0]],
    ['cumprod', zeros([2, 0]).cumprod(1), [2, 0]],
    ['sort', zeros([2, 0]).sort().values, [2, 0]],
    ['topk of none', zeros([2, 0]).topk(0).values, [2, 0]],
    ['glu', zeros([2, 0]).glu(), [2, 0]],
    ['a product without inner size is 0', zeros([2, 0]).matmul(zeros([0, 1])), [2, 1], [[0], [0]]],
    ['linear without inputs is its bias', linear(zeros([2, 0]), zeros([1, 0]), ones([1])), [2, 1], [[1], [1]]],
    ['dot', zeros([0]).dot(zeros([0])), [], 0],
    ['attention without keys is 0', scaledDotProductAttention(zeros([2, 3]), zeros([0, 3]), zeros([0, 1])), [2, 1], [[0], [0]]], // prettier-ignore
    ['attention weights without keys', attentionWeights(zeros([2, 3]), zeros([0, 3]), { attnMask: zeros([2, 0]) }), [2, 0]], // prettier-ignore
    ['a convolution of no images', conv2d(zeros([0, 2, 5, 5]), zeros([3, 2, 2, 2])), [0, 3, 4, 4]],
    ['a convolution of no channels', conv1d(zeros([1, 0, 3]), zeros([0, 0, 1])), [1, 0, 3]],
    ['a transposed convolution of no images', convTranspose2d(zeros([0, 2, 2, 2]), zeros([2, 3, 2, 2])), [0, 3, 3, 3]],
    ['pooling of no images', avgPool2d(zeros([0, 2, 4, 4]), 2), [0, 2, 2, 2]],
    ['pooling to a size, no images', adaptiveMaxPool2d(zeros([0, 2, 4, 4]), 2), [0, 2, 2, 2]],
    ['resizing of no images', interpolate(zeros([0, 2, 4]), { size: 2 }), [0, 2, 2]],
    ['layer normalisation of no rows', layerNorm(zeros([0, 3]), [3]), [0, 3]],
    ['running moments applied to no rows', batchNorm(zeros([0, 2]), { runningMean: zeros([2]), runningVar: ones([2]) }), [0, 2]], // prettier-ignore
    ['moments of no rows applied to them', batchNorm(zeros([0, 2, 3]), { training: true, weight: ones([2]), runningMean: zeros([2]), runningVar: ones([2]) }), [0, 2, 3]], // prettier-ignore
    ['padding around nothing', zeros([2, 0]).pad([1, 1], 3), [2, 2], [[3, 3], [3, 3]]], // prettier-ignore
    ['roll', zeros([0]).roll(1), [0]],
    ['flip', zeros([0]).flip(0), [0]],
    ['repeated 0 times', ones([2]).repeat([0]), [0]],
    ['stretched to nothing', ones([1]).expand([0]), [0]],
    ['gather of nothing', zeros([2, 3]).gather(1, indices(2, 0)), [2, 0]],
    ['scatter of nothing', ones([1, 2]).scatter(1, indices(0, 2), zeros([0, 2])), [1, 2], [[1, 1]]],
    ['a diagonal outside', zeros([2, 3]).diagonal(5), [0]],
    ['split', cat(zeros([0, 2]).split(2)), [0, 2]],
    ['weights to draw from, no rows', zeros([0, 3]).multinomial(1), [0, 1]],
  ])('%s', (_, result, shape, values) => {
    expect(result.shape).toEqual(shape);
    if (values !== undefined) expect(result.toArray()).toEqual(values);
  });

  it('nothing is cut into as many parts as were asked, and into one part of any size', () => {
    expect(zeros([0, 2]).chunk(3).map(({ shape }) => shape)).toEqual([[0, 2], [0, 2], [0, 2]]); // prettier-ignore
    expect(zeros([0, 2]).split(4).map(({ shape }) => shape)).toEqual([[0, 2]]); // prettier-ignore
    expect(zeros([0, 2]).unbind()).toEqual([]);
  });

  it.each<[string, () => unknown, string]>([
    ['the greatest of nothing', () => zeros([2, 0]).amax(1), 'amax: dimension 1 of [2, 0] is empty'],
    ['the greatest of nothing, with its place', () => zeros([0, 2]).max(0), 'max: dimension 0 of [0, 2] is empty'],
    ['the place of the smallest of nothing', () => zeros([0]).argmin(), 'min: dimension 0 of [0] is empty'],
    ['the median along nothing', () => zeros([2, 0]).median(1), 'median: dimension 1 of [2, 0] is empty'],
    ['a row of no rows', () => zeros([0, 2]).indexSelect(0, indices(1)), 'indexSelect: index 0 at position 0 is out of range for size 0'], // prettier-ignore
    ['a convolution of an empty signal', () => conv1d(zeros([1, 2, 0]), zeros([3, 2, 1])), 'is larger than the padded input'], // prettier-ignore
    ['pooling of an empty signal', () => maxPool1d(zeros([1, 2, 0]), 1), 'is larger than the padded input'],
    ['pooling of an empty signal to a size', () => adaptiveAvgPool1d(zeros([1, 2, 0]), 2), 'not empty'],
    ['resizing of nothing', () => interpolate(zeros([1, 2, 0]), { size: 2 }), 'not empty'],
  ])('%s is refused', (_, run, message) => {
    expect(run).toThrow(ShapeError);
    expect(run).toThrow(message);
  });
});

it('the gradient of a standard deviation of equal numbers is 0, as that of a norm of zeros', () => {
  const x = ones([3]).requiresGrad_();
  x.std().backward();
  expect(x.grad!.toArray()).toEqual([0, 0, 0]);
});

it('second gradients of norms, standard deviations and products at 0 or of nothing are no NaN', () => {
  for (const [fn, shape] of [
    [(x: Tensor) => x.norm(), [2]],
    [(x: Tensor) => x.std(), [3]],
    [(x: Tensor) => x.prod(1), [2, 0]],
    [(x: Tensor) => x.norm(), [0]],
  ] as const) {
    const x = zeros([...shape], { requiresGrad: true });
    const y = fn(x);
    const [slope] = grad(y, x, { gradOutputs: ones(y.shape), createGraph: true });
    const second = slope!.requiresGrad ? grad(slope!.sum(), x, { allowUnused: true })[0] : null;
    expect([...slope!.data(), ...(second?.data() ?? [])].some(Number.isNaN)).toBe(false);
  }
});
