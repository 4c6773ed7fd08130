import { describe, expect, it } from 'vitest';
import { arange, ones, tensor, zeros } from '../src/create.ts';
import type { DType } from '../src/dtype.ts';
import { einsum } from '../src/ops/einsum.ts';
import { maxPool2d } from '../src/ops/pooling.ts';
import { where } from '../src/ops/where.ts';
import '../src/methods.ts';
import type { Tensor } from '../src/tensor.ts';

/** The gradient that fn gives at x. */
function slopes(x: Parameters<typeof tensor>[0], fn: (x: Tensor) => Tensor): unknown {
  const at = tensor(x, { requiresGrad: true });
  fn(at).sum().backward();
  return at.grad!.toArray();
}

describe('gradients at kinks follow PyTorch', () => {
  it('0 for relu, abs and norm at 0; the slope for leakyRelu; passed by clamp at its bounds', () => {
    expect(slopes([-1, 0, 1], (x) => x.relu())).toEqual([0, 0, 1]);
    expect(slopes([-1, 0, 1], (x) => x.abs())).toEqual([-1, 0, 1]);
    expect(slopes([0, 0], (x) => x.norm())).toEqual([0, 0]);
    expect(slopes([0], (x) => x.leakyRelu(0.5))).toEqual([0.5]);
    expect(slopes([-2, -1, 0, 1, 2], (x) => x.clamp(-1, 1))).toEqual([0, 1, 1, 1, 0]);
    expect(slopes([-1, 0, 1], (x) => x.hardtanh())).toEqual([0, 1, 0]);
    expect(slopes([-3, 3, 4], (x) => x.hardswish())).toEqual([-0.5, 1.5, 1]);
    expect(slopes([0, 4], (x) => x.sqrt())).toEqual([Infinity, 0.25]);
    expect(slopes([0, 2], (x) => x.pow(0))).toEqual([0, 0]);
  });

  it('to the first of equal elements along a dimension and for pooling; shared over all dimensions and by maximum', () => {
    expect(slopes([1, 3, 3], (x) => x.max())).toEqual([0, 0.5, 0.5]);
    expect(slopes([1, 3, 3], (x) => x.max(0).values)).toEqual([0, 1, 0]);
    expect(slopes([3, 1, 3, 3, 5], (x) => x.median().mul(3))).toEqual([1, 0, 1, 1, 0]);
    expect(slopes([2, 2, 3], (x) => x.amin())).toEqual([0.5, 0.5, 0]);
    expect(
      slopes(
        [
          [2, 2],
          [5, 1],
        ],
        (x) => x.min(1).values,
      ),
    ).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(slopes([[[[1, 7, 7]]]], (x) => maxPool2d(x, [1, 3]))).toEqual([[[[0, 1, 0]]]]);
    expect(slopes([1, 3], (x) => x.maximum(tensor([1, 2])))).toEqual([0.5, 1]);
  });

  it('finite where the other branch of where is not', () => {
    expect(slopes([-1, 4], (x) => where(x.gt(0), x.maximum(1e-9).sqrt(), 0))).toEqual([0, 0.25]);
  });
});

describe('numbers at the edge', () => {
  it('softmax and its kind stay finite for large scores, and are defined for −∞', () => {
    const x = tensor([
      [1e4, -1e4, 1e4],
      [-Infinity, 0, -Infinity],
    ]);
    expect(x.softmax(1).toArray()).toEqual([
      [0.5, 0, 0.5],
      [0, 1, 0],
    ]);
    expect(x.logsumexp(1).toArray()).toEqual([1e4 + Math.fround(Math.log(2)), 0].map(Math.fround));
    expect(x.logSoftmax(1).select(0, 1).toArray()).toEqual([-Infinity, 0, -Infinity]);
    const nothing = tensor([-Infinity, -Infinity]);
    expect([nothing.softmax(0).toArray(), nothing.logsumexp(0).item()]).toEqual([[NaN, NaN], -Infinity]);
  });

  it('smooth activations stay finite for large arguments', () => {
    const x = tensor([-1e4, 1e4], { requiresGrad: true });
    expect([x.mish().toArray(), x.softsign().div(x.softsign()).toArray()]).toEqual([
      [-0, 1e4],
      [1, 1],
    ]);
    expect(x.logSigmoid().toArray()).toEqual([-1e4, -0]);
    x.mish().add(x.logSigmoid()).sum().backward();
    expect(x.grad!.toArray()).toEqual([1, 1]);
  });

  it('the mean of nothing and the variance of one element are NaN', () => {
    expect(zeros([0, 2]).mean(0).toArray()).toEqual([NaN, NaN]);
    expect(ones([1]).var().item()).toBeNaN();
    expect(ones([1]).var(0, false).item()).toBe(0);
    expect([zeros([0]).sum().item(), zeros([2, 0]).sum(1).toArray()]).toEqual([0, [0, 0]]);
  });

  it('NaN wins in max and min, and passes relu and clamp', () => {
    const x = tensor([1, NaN, 3]);
    expect([x.max().item(), x.min().item(), x.argmax().item()]).toEqual([NaN, NaN, 1]);
    expect([x.relu().toArray(), x.clamp(0, 2).toArray()]).toEqual([
      [1, NaN, 3],
      [1, NaN, 2],
    ]);
  });

  it('argmax and argmin take the first of equal elements', () => {
    const x = tensor([
      [1, 5, 5],
      [0, 0, -2],
    ]);
    expect([x.argmax(1).toArray(), x.argmin(1).toArray(), x.argmax().item()]).toEqual([[1, 0], [0, 2], 1]);
  });

  it('the error of a sum does not grow with the number of elements', () => {
    const tenth = Math.fround(0.1);
    for (const n of [2 ** 10, 2 ** 15, 2 ** 20]) {
      const x = ones([n]).mul(0.1);
      const sums = [
        x.sum().item(),
        ...x
          .reshape([n / 4, 4])
          .sum(0)
          .mul(4)
          .data(),
      ];
      for (const sum of sums) expect(Math.abs(sum / (n * tenth) - 1)).toBeLessThan(256 * 2 ** -24);
    }
  });

  it('any number of dimensions that lie behind each other in memory, and up to 8 that do not', () => {
    const shape = new Array<number>(9).fill(2);
    const x = arange(512).to('float32').reshape(shape);
    expect(
      x
        .add(tensor([0, 1000]))
        .flatten()
        .data()[511],
    ).toBe(1511);
    const reversed = x.permute([8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(() => reversed.add(1)).toThrow('shape [2, 2, 2, 2, 2, 2, 2, 2, 2] has more than 8 separate dimensions');
    expect(reversed.select(0, 1).add(1).flatten().data()[255]).toBe(512);
  });

  it('sizes of 0 go through views, joins and products', () => {
    const empty = zeros([0, 3]);
    expect([empty.t().shape, empty.reshape([3, 0]).shape, empty.flatten().shape]).toEqual([[3, 0], [3, 0], [0]]);
    expect(
      zeros([2, 0])
        .matmul(zeros([0, 3]))
        .toArray(),
    ).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(einsum('ik,kj->ij', zeros([2, 0]), zeros([0, 1])).toArray()).toEqual([[0], [0]]);
    expect([empty.softmax(1).shape, empty.argmax(1).shape, empty.max(1).values.toArray()]).toEqual([[0, 3], [0], []]);
  });
});

describe('types', () => {
  it.each<[string, Tensor, DType, unknown]>([
    ['a fraction turns integers into float32', arange(2).add(0.5), 'float32', [0.5, 1.5]],
    ['a whole number does not', arange(2).mul(3), 'int32', [0, 3]],
    ['a number does not widen float32', ones([1]).add(1e-9), 'float32', [1]],
    ['the wider type wins', arange(2).add(ones([2], { dtype: 'float64' })), 'float64', [1, 2]],
    ['division of integers is float32', arange(3).div(2), 'float32', [0, 0.5, 1]],
    ['bool adds up as int32', tensor([1, 2, 3]).gt(1).sum(), 'int32', 2],
    [
      'bool counts in arithmetic',
      tensor([1, 2])
        .gt(1)
        .add(tensor([1, 2]).gt(0)),
      'int32',
      [1, 2],
    ],
    ['comparisons are bool', arange(3).ge(1), 'bool', [0, 1, 1]],
    ['bool from numbers: all but 0', tensor([0, 0.5, -2]).to('bool'), 'bool', [0, 1, 1]],
    ['a typed array keeps its type', tensor(Int32Array.of(1, 2)), 'int32', [1, 2]],
    ['unless another is asked', tensor(Int32Array.of(1, 2), { dtype: 'float64' }), 'float64', [1, 2]],
    ['arange counts in int32', arange(1, 2, 0.5), 'float32', [1, 1.5]],
  ])('%s', (_, x, dtype, values) => {
    expect([x.dtype, x.toArray()]).toEqual([dtype, values]);
  });
});
