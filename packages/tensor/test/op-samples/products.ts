import { ctc } from '../../src/ops/ctc.ts';
import { conv2d } from '../../src/ops/convolution.ts';
import { einsum } from '../../src/ops/einsum.ts';
import { linear } from '../../src/ops/linear.ts';
import { softmaxNll } from '../../src/ops/cross-entropy.ts';
import { nll } from '../../src/ops/nll.ts';
import { avgPool2d, maxPool2d } from '../../src/ops/pooling.ts';
import { tensor } from '../../src/create.ts';
import { indices, type OpSample } from './sample.ts';

const convolution = { stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 };
const shapes = (...all: number[][]): OpSample['inputs'] => all.map((shape) => ({ shape }));

const products: readonly OpSample[] = [
  { op: 'matmul', title: 'matrices', inputs: shapes([3, 4], [4, 2]), run: (a, b) => a.matmul(b) },
  { op: 'matmul', title: 'a matrix by itself', inputs: shapes([3, 3]), run: (a) => a.matmul(a) },
  { op: 'matmul', title: 'transposed matrices', inputs: shapes([4, 3], [2, 4]), run: (a, b) => a.t().matmul(b.t()) },
  {
    op: 'matmul',
    title: 'cut matrices',
    inputs: shapes([6, 4], [4, 6]),
    run: (a, b) => a.slice(0, 0, 6, 2).matmul(b.slice(1, 1, 6, 3)),
  },
  {
    op: 'matmul',
    title: 'a stretched matrix',
    inputs: shapes([1, 4], [4, 2]),
    run: (a, b) => a.expand([3, 4]).matmul(b),
  },
  { op: 'matmul', title: 'vectors', inputs: shapes([5], [5]), run: (a, b) => a.matmul(b) },
  { op: 'matmul', title: 'vector by matrix', inputs: shapes([4], [4, 3]), run: (a, b) => a.matmul(b) },
  { op: 'matmul', title: 'batch by vector', inputs: shapes([2, 3, 4], [4]), run: (a, b) => a.matmul(b) },
  { op: 'matmul', title: 'batch by one matrix', inputs: shapes([2, 3, 4], [4, 2]), run: (a, b) => a.matmul(b) },
  { op: 'matmul', title: 'one matrix by a batch', inputs: shapes([3, 4], [2, 4, 2]), run: (a, b) => a.matmul(b) },
  {
    op: 'matmul',
    title: 'batches that broadcast',
    inputs: shapes([2, 1, 3, 2], [3, 2, 2]),
    run: (a, b) => a.matmul(b),
  },
  {
    op: 'matmul',
    title: 'permuted batches',
    inputs: shapes([3, 2, 4], [4, 2, 3]),
    run: (a, b) => a.permute([1, 0, 2]).matmul(b.permute([1, 0, 2])),
  },
  { op: 'matmul', title: 'no rows', inputs: shapes([0, 3], [3, 2]), run: (a, b) => a.matmul(b) },
  { op: 'matmul', title: 'no inner size', inputs: shapes([2, 0], [0, 3]), run: (a, b) => a.matmul(b) },
  {
    op: 'matmul',
    title: 'batches without inner size',
    inputs: shapes([2, 2, 0], [2, 0, 3]),
    run: (a, b) => a.matmul(b),
  },
  {
    op: 'matmul',
    title: 'a batch without inner size by a matrix',
    inputs: shapes([2, 2, 0], [0, 3]),
    run: (a, b) => a.matmul(b),
  },
  { op: 'bmm', title: 'batches', inputs: shapes([2, 3, 4], [2, 4, 2]), run: (a, b) => a.bmm(b) },
  { op: 'addmm', title: 'a row', inputs: shapes([2], [3, 4], [4, 2]), run: (x, a, b) => x.addmm(a, b) },
  { op: 'outer', title: 'vectors', inputs: shapes([3], [4]), run: (a, b) => a.outer(b) },
  { op: 'dot', title: 'vectors', inputs: shapes([4], [4]), run: (a, b) => a.dot(b) },
  { op: 'linear', title: 'with bias', inputs: shapes([3, 4], [2, 4], [2]), run: (x, w, b) => linear(x, w, b) },
  { op: 'linear', title: 'without bias', inputs: shapes([3, 4], [2, 4]), run: (x, w) => linear(x, w) },
  { op: 'linear', title: 'a vector', inputs: shapes([4], [2, 4], [2]), run: (x, w, b) => linear(x, w, b) },
  {
    op: 'linear',
    title: 'three dimensions',
    inputs: shapes([2, 3, 4], [5, 4], [5]),
    run: (x, w, b) => linear(x, w, b),
  },
  {
    op: 'linear',
    title: 'transposed input and weight, cut bias',
    inputs: shapes([4, 3], [4, 2], [4]),
    run: (x, w, b) => linear(x.t(), w.t(), b.slice(0, 0, 4, 2)),
  },
  {
    op: 'linear',
    title: 'the same weight twice',
    inputs: shapes([3, 3], [3, 3], [3]),
    run: (x, w, b) => linear(linear(x, w, b), w, b),
  },
  { op: 'linear', title: 'no rows', inputs: shapes([0, 4], [2, 4], [2]), run: (x, w, b) => linear(x, w, b) },
  { op: 'linear', title: 'no inputs', inputs: shapes([3, 0], [2, 0], [2]), run: (x, w, b) => linear(x, w, b) },
  {
    op: 'einsum',
    title: 'batched product',
    inputs: shapes([2, 3, 4], [2, 4, 2]),
    run: (a, b) => einsum('bij,bjk->bik', a, b),
  },
  { op: 'einsum', title: 'outer product', inputs: shapes([3], [4]), run: (a, b) => einsum('i,j->ij', a, b) },
  {
    op: 'einsum',
    title: 'implicit output, transposed result',
    inputs: shapes([3, 2], [4, 3]),
    run: (a, b) => einsum('kb,ak', a, b),
  },
  {
    op: 'einsum',
    title: 'three operands, a label that only one has',
    inputs: shapes([2, 3], [3, 4], [4, 2]),
    run: (a, b, c) => einsum('ij,jk,kl->i', a, b, c),
  },
  { op: 'einsum', title: 'a diagonal', inputs: shapes([3, 3]), run: (a) => einsum('ii->i', a) },
  { op: 'einsum', title: 'a trace of each matrix', inputs: shapes([2, 3, 3]), run: (a) => einsum('bii->b', a) },
  {
    op: 'einsum',
    title: 'an ellipsis of different lengths',
    inputs: shapes([2, 3, 4], [4, 2]),
    run: (a, b) => einsum('...ij,...jk->...ik', a, b),
  },
  {
    op: 'einsum',
    title: 'a size of 1 that stretches',
    inputs: shapes([2, 1, 4], [3, 4]),
    run: (a, b) => einsum('...j,...j', a, b),
  },
  { op: 'einsum', title: 'a scalar', inputs: shapes([3], [3]), run: (a, b) => einsum('i,i->', a, b) },
];

const windows: readonly OpSample[] = [
  {
    op: 'conv2d',
    title: 'with bias',
    inputs: shapes([2, 2, 5, 4], [3, 2, 3, 2], [3]),
    run: (x, w, b) => conv2d(x, w, b, convolution),
  },
  {
    op: 'conv2d',
    title: 'without bias, padded, strided',
    inputs: shapes([1, 2, 5, 6], [2, 2, 3, 3]),
    run: (x, w) => conv2d(x, w, null, { ...convolution, stride: [2, 1], padding: [1, 2] }),
  },
  {
    op: 'conv2d',
    title: 'groups and dilation',
    inputs: shapes([1, 4, 6, 6], [2, 2, 2, 2], [2]),
    run: (x, w, b) => conv2d(x, w, b, { ...convolution, groups: 2, dilation: [2, 3] }),
  },
  {
    op: 'conv2d',
    title: 'permuted input and weight, cut bias',
    inputs: shapes([4, 2, 4, 1], [2, 3, 2, 2], [6]),
    run: (x, w, b) => conv2d(x.permute([3, 1, 0, 2]), w.permute([1, 0, 3, 2]), b.slice(0, 0, 6, 2), convolution),
  },
  {
    op: 'conv2d',
    title: 'the same weight twice',
    inputs: shapes([1, 2, 5, 5], [2, 2, 2, 2], [2]),
    run: (x, w, b) => conv2d(conv2d(x, w, b, convolution), w, b, convolution),
  },
  {
    op: 'conv2d',
    title: 'no images',
    inputs: shapes([0, 2, 5, 5], [2, 2, 2, 2], [2]),
    run: (x, w, b) => conv2d(x, w, b, convolution),
  },
  {
    op: 'conv2d',
    title: 'a weight that is not learned',
    inputs: shapes([1, 1, 3, 3], [2]),
    run: (x, b) => conv2d(x, tensor([[[[1, -2]]], [[[3, 4]]]], { dtype: x.dtype }), b, convolution),
  },
  {
    op: 'conv2d',
    title: 'a bias that is not learned',
    inputs: shapes([1, 2, 3, 3], [2, 2, 2, 2]),
    run: (x, w) => conv2d(x, w, tensor([1, -2], { dtype: x.dtype }), convolution),
  },
  {
    op: 'maxPool2d',
    title: 'overlapping, padded, a permuted input',
    inputs: shapes([5, 5, 1, 2]),
    run: (x) => maxPool2d(x.permute([2, 3, 1, 0]), 3, { stride: 2, padding: 1, ceilMode: true }),
  },
  { op: 'maxPool2d', title: 'no images', inputs: shapes([0, 2, 4, 4]), run: (x) => maxPool2d(x, 2) },
  { op: 'avgPool2d', title: 'quarters', inputs: shapes([2, 2, 4, 4]), run: (x) => avgPool2d(x, 2) },
  {
    op: 'avgPool2d',
    title: 'padding not counted',
    inputs: shapes([1, 2, 5, 5]),
    run: (x) => avgPool2d(x, 3, { stride: 2, padding: 1, countIncludePad: false, ceilMode: true }),
  },
  { op: 'avgPool2d', title: 'no images', inputs: shapes([0, 2, 4, 4]), run: (x) => avgPool2d(x, 2) },
];

const losses: readonly OpSample[] = [
  { op: 'softmaxNll', title: 'rows', inputs: shapes([3, 7]), run: (x) => softmaxNll(x, indices([1, 0, 6])).losses },
  {
    op: 'softmaxNll',
    title: 'smoothed, with weights, one ignored',
    inputs: shapes([4, 5]),
    run: (x) =>
      softmaxNll(x, indices([1, -1, 0, 4]), {
        weight: tensor([2, 0.5, 1, 0.25, 3], { dtype: x.dtype }),
        ignoreIndex: -1,
        labelSmoothing: 0.2,
      }).losses,
  },
  {
    op: 'softmaxNll',
    title: 'classes before positions, permuted, smoothed',
    inputs: shapes([2, 3, 4]),
    run: (x) => softmaxNll(x.permute([1, 2, 0]), indices([[0, 1], [3, -100], [2, 2]]), { labelSmoothing: 0.1 }).losses, // prettier-ignore
  },
  { op: 'softmaxNll', title: 'one class', inputs: shapes([2, 1]), run: (x) => softmaxNll(x, indices([0, 0])).losses },
  { op: 'softmaxNll', title: 'no rows', inputs: shapes([0, 3]), run: (x) => softmaxNll(x, indices([])).losses },
  { op: 'nll', title: 'rows', inputs: shapes([3, 4]), run: (x) => nll(x, indices([1, 0, 3]), null, -100).losses },
  {
    op: 'nll',
    title: 'an ignored target and class weights',
    inputs: shapes([3, 2]),
    run: (x) => nll(x, indices([1, -1, 0]), tensor([2, 0.5], { dtype: x.dtype }), -1).losses,
  },
  {
    op: 'nll',
    title: 'images of classes, permuted',
    inputs: shapes([2, 2, 3]),
    run: (x) =>
      nll(
        x.transpose(1, 2),
        indices([
          [0, 2],
          [1, 1],
        ]),
        null,
        -100,
      ).losses,
  },
  {
    op: 'ctc',
    title: 'padded labels, one repeated, and no label',
    inputs: shapes([4, 2, 3]),
    run: (x) =>
      ctc(
        x.logSoftmax(2),
        indices([
          [1, 1],
          [2, 0],
        ]),
        [4, 3],
        [2, 0],
      ),
  },
  {
    op: 'ctc',
    title: 'labels one behind the other, a sequence too short',
    inputs: shapes([3, 2, 3]),
    run: (x) => ctc(x.logSoftmax(2), indices([0, 0, 1]), [2, 3], [2, 1], { blank: 2, zeroInfinity: true }),
  },
  { op: 'nll', title: 'no rows', inputs: shapes([0, 3]), run: (x) => nll(x, indices([]), null, -100).losses },
];

/** Products, convolutions, pooling and losses. */
export const productSamples: readonly OpSample[] = [...products, ...windows, ...losses];
