import { expect, it } from 'vitest';
import { arange, empty, fromTypedArray, ones, tensor, zeros } from '../src/create.ts';
import { DTypeError, ShapeError } from '../src/errors.ts';
import { conv2d } from '../src/ops/convolution.ts';
import { einsum } from '../src/ops/einsum.ts';
import { cat } from '../src/ops/join.ts';
import { linear } from '../src/ops/linear.ts';
import { nll } from '../src/ops/nll.ts';
import { maxPool2d } from '../src/ops/pooling.ts';
import { where } from '../src/ops/where.ts';
import '../src/methods.ts';

const int = (data: Parameters<typeof tensor>[0]) => tensor(data, { dtype: 'int32' });
const convolution = { stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 } as const;
const image = zeros([1, 2, 4, 4]);
const x = zeros([2, 3]);

const shapeMistakes: readonly [() => unknown, string][] = [
  [() => x.matmul(x), 'matmul: a [2, 3] has 3 columns but b [2, 3] has 2 rows'],
  [() => x.add(ones([2, 2])), 'add: shapes [2, 3] and [2, 2] do not broadcast: sizes 3 and 2 differ'],
  [() => x.reshape([4, -1]), 'reshape: 6 elements do not fit the shape [4, -1]'],
  [() => x.reshape([-1, -1]), 'reshape: shape [-1, -1] has more than one -1'],
  [() => x.sum(2), 'sum: dim 2 is out of range for a tensor of 2 dimensions'],
  [() => x.sum([0, -2]), 'sum: dims [0, 0] name a dimension twice'],
  [() => x.permute([0, 0]), 'permute: dims [0, 0] must name each of the 2 dimensions of [2, 3] once'],
  [() => x.expand([2, 4]), 'expand: [2, 3] cannot stretch to [2, 4]'],
  [() => x.narrow(1, 2, 2), 'narrow: 2 elements from 2 on do not lie in dimension 1 of [2, 3]'],
  [() => x.slice(0, 0.5), 'slice: start and end must be whole numbers, got 0.5 and 9007199254740991'],
  [() => x.select(1, 3), 'select: index 3 is out of range for dimension 1 of [2, 3]'],
  [() => x.split([1, 2]), 'split: sizes [1, 2] do not add up to 2'],
  [() => x.gather(1, int([[0], [3]])), 'gather: index 3 at position 1 is out of range for size 3'],
  [
    () => x.gather(1, int([0])),
    'gather: index [1] must have the rank of [2, 3] and be no longer in any dimension but 1',
  ],
  [() => x.scatterAdd(1, int([[0], [1]]), ones([1, 2])), 'scatterAdd: source [1, 2] must cover index [2, 1]'],
  [() => x.clamp(2, 1), 'clamp: min 2 must not be above max 1'],
  [() => zeros([0]).max(), 'amax: dimension 0 of [0] is empty'],
  [() => x.item(), 'item: a tensor of shape [2, 3] has 6 elements, not one'],
  [() => cat([x, zeros([3, 3])], 1), 'cat: [3, 3] and [2, 3] differ in another dimension than 1'],
  [() => einsum('ij,jk', x), 'einsum: "ij,jk" names 2 tensors, but got 1'],
  [() => einsum('ij->i->', x), 'einsum: "ij->i->" has more than one "->"'],
  [() => einsum('ij,ij->ik', x, x), 'einsum: the output "ik" may name each letter of the inputs once'],
  [() => einsum('i...j', zeros([2])), 'einsum: "i...j" must name each dimension of [2] by a letter'],
  [() => einsum('ij,jk', x, zeros([4, 2])), 'einsum: "j" is 3 in one tensor and 4 in another'],
  [() => x.diagonal(0.5), 'diagonal: offset must be a whole number, got 0.5'],
  [() => x.diagonal(0, 1, -1), 'diagonal: dims 1 and -1 are the same dimension of [2, 3]'],
  [() => linear(x, zeros([4, 2])), 'linear: x [2, 3] must end in 2, the input size of weight [4, 2]'],
  [() => linear(x, zeros([4, 3]), ones([3])), 'linear: bias [3] must be [4], one number for each output'],
  [
    () => conv2d(image, zeros([4, 3, 3, 3]), null, convolution),
    'conv2d: x [1, 2, 4, 4] has 2 channels, but weight [4, 3, 3, 3] with 1 groups takes 3',
  ],
  [
    () => conv2d(image, zeros([4, 2, 5, 5]), null, convolution),
    'conv2d: the kernel of weight [4, 2, 5, 5] is larger than the padded input [1, 2, 4, 4]',
  ],
  [() => maxPool2d(image, 2, { padding: 2 }), 'maxPool2d: padding [2, 2] is more than half of the kernel [2, 2]'],
  [() => nll(x, int([0, 3]), null, -100), 'nll: target 3 at position 1 is no class; there are 3 classes, 0 to 2'],
  [() => tensor([[1, 2], [3]]), 'tensor: rows are of different lengths; the first ones make the shape [2, 2]'],
  [() => fromTypedArray(new Float32Array(3), [2]), 'fromTypedArray: 3 elements do not fit the shape [2]'],
  [() => empty([2, -1]), 'empty: shape [2, -1] has the size -1; sizes are whole numbers from 0'],
  [() => arange(0, 3, -1), 'arange: no numbers from 0 to 3 by -1'],
];

it.each(shapeMistakes.map(([call, message]) => ({ call, message })))('says "$message"', ({ call, message }) => {
  expect(call).toThrow(new ShapeError(message));
});

const typeMistakes: readonly [() => unknown, string][] = [
  [() => int([1]).exp(), "exp: needs a float tensor, got int32; convert it with to('float32')"],
  [
    () => x.matmul(zeros([3, 1], { dtype: 'float64' })),
    'matmul: both tensors must have one dtype, got float32 and float64',
  ],
  [
    () => linear(x, zeros([1, 3], { dtype: 'float64' })),
    'linear: x is float32, but weight and bias are float64; convert x with to()',
  ],
  [
    () => conv2d(image, zeros([1, 2, 1, 1]), ones([1], { dtype: 'float64' }), convolution),
    'conv2d: x is float32, but weight and bias are float32 and float64; convert x with to()',
  ],
  [() => where(x, 1, 2), 'where: the condition must be bool, got float32; compare it first, as in x.gt(0)'],
  [() => x.indexSelect(0, tensor([0])), 'indexSelect: indices must be int32, got float32'],
  [() => nll(x, tensor([0, 1]), null, -100), 'nll: targets are class indices (int32), got float32'],
];

it.each(typeMistakes.map(([call, message]) => ({ call, message })))('says "$message"', ({ call, message }) => {
  expect(call).toThrow(new DTypeError(message));
});
