import { embedding } from '../../src/ops/embedding.ts';
import { cat, stack } from '../../src/ops/join.ts';
import { indices, type OpSample } from './sample.ts';

/** Views, joins and picks. */
export const movementSamples: readonly OpSample[] = [
  { op: 'reshape', title: 'row-major', inputs: [{ shape: [2, 6] }], run: (x) => x.reshape([3, -1]) },
  { op: 'reshape', title: 'transposed', inputs: [{ shape: [2, 6] }], run: (x) => x.t().reshape([4, 3]) },
  { op: 'flatten', title: 'the middle', inputs: [{ shape: [2, 3, 2, 2] }], run: (x) => x.flatten(1, 2) },
  { op: 'flatten', title: 'a scalar', inputs: [{ shape: [] }], run: (x) => x.flatten() },
  { op: 'permute', title: 'three dimensions', inputs: [{ shape: [2, 3, 4] }], run: (x) => x.permute([2, 0, 1]) },
  { op: 'transpose', title: 'the outer two', inputs: [{ shape: [2, 3, 4] }], run: (x) => x.transpose(0, -1) },
  { op: 't', title: 'a matrix', inputs: [{ shape: [2, 3] }], run: (x) => x.t() },
  { op: 'squeeze', title: 'all', inputs: [{ shape: [1, 3, 1] }], run: (x) => x.squeeze() },
  { op: 'squeeze', title: 'one', inputs: [{ shape: [1, 3, 1] }], run: (x) => x.squeeze(0) },
  { op: 'unsqueeze', title: 'at the end', inputs: [{ shape: [2, 3] }], run: (x) => x.unsqueeze(-1) },
  { op: 'expand', title: 'new and stretched', inputs: [{ shape: [2, 1] }], run: (x) => x.expand([3, -1, 4]) },
  { op: 'diagonal', title: 'of a transposed matrix', inputs: [{ shape: [4, 3] }], run: (x) => x.t().diagonal() },
  { op: 'diagonal', title: 'above the main one', inputs: [{ shape: [3, 5] }], run: (x) => x.diagonal(2) },
  {
    op: 'diagonal',
    title: 'below, of the outer two',
    inputs: [{ shape: [3, 2, 4] }],
    run: (x) => x.diagonal(-1, 0, 2),
  },
  { op: 'diagonal', title: 'nothing', inputs: [{ shape: [2, 3] }], run: (x) => x.diagonal(3) },
  { op: 'slice', title: 'with a step', inputs: [{ shape: [7, 2] }], run: (x) => x.slice(0, -6, -1, 2) },
  { op: 'slice', title: 'nothing', inputs: [{ shape: [3, 2] }], run: (x) => x.slice(0, 2, 1) },
  {
    op: 'slice',
    title: 'overlapping parts',
    inputs: [{ shape: [5] }],
    run: (x) => x.slice(0, 0, 3).mul(x.slice(0, 2)),
  },
  { op: 'narrow', title: 'the last dimension', inputs: [{ shape: [2, 5] }], run: (x) => x.narrow(1, 1, 3) },
  { op: 'narrow', title: 'from the end', inputs: [{ shape: [5] }], run: (x) => x.narrow(0, -2, 2) },
  { op: 'select', title: 'a column', inputs: [{ shape: [3, 4] }], run: (x) => x.select(1, -2) },
  { op: 'split', title: 'the last, smaller part', inputs: [{ shape: [5, 2] }], run: (x) => x.split(2)[2]! },
  {
    op: 'chunk',
    title: 'two of three',
    inputs: [{ shape: [2, 6] }],
    run: (x) => x.chunk(3, 1)[0]!.mul(x.chunk(3, 1)[2]!),
  },
  {
    op: 'unbind',
    title: 'products of rows',
    inputs: [{ shape: [3, 2] }],
    run: (x) => x.unbind(0)[0]!.mul(x.unbind(0)[2]!),
  },
  { op: 'pad', title: 'two dimensions', inputs: [{ shape: [2, 3] }], run: (x) => x.pad([1, 2, 0, 1], 0.5) },
  { op: 'pad', title: 'cut and padded', inputs: [{ shape: [3, 4] }], run: (x) => x.pad([-1, 2, 1, -2]) },
  { op: 'pad', title: 'a transposed input', inputs: [{ shape: [2, 3] }], run: (x) => x.t().pad([1, 0]) },
  {
    op: 'cat',
    title: 'three parts, one transposed and one empty',
    inputs: [{ shape: [2, 3] }, { shape: [3, 2] }, { shape: [2, 0] }],
    run: (a, b, c) => cat([a, b.t(), c], 1),
  },
  { op: 'cat', title: 'a tensor with itself', inputs: [{ shape: [2, 2] }], run: (a) => cat([a, a]) },
  {
    op: 'stack',
    title: 'in the middle',
    inputs: [{ shape: [2, 3] }, { shape: [2, 3] }],
    run: (a, b) => stack([a, b], 1),
  },
  { op: 'stack', title: 'scalars', inputs: [{ shape: [] }, { shape: [] }], run: (a, b) => stack([a, b]) },
  {
    op: 'gather',
    title: 'repeated picks',
    inputs: [{ shape: [2, 4] }],
    run: (x) =>
      x.gather(
        1,
        indices([
          [0, 0, 3],
          [2, 1, 2],
        ]),
      ),
  },
  {
    op: 'gather',
    title: 'from a transposed tensor',
    inputs: [{ shape: [4, 2] }],
    run: (x) => x.t().gather(0, indices([[0, 1, 1, 0]])),
  },
  {
    op: 'scatterAdd',
    title: 'repeated targets',
    inputs: [{ shape: [2, 3] }, { shape: [2, 4] }],
    run: (x, source) =>
      x.scatterAdd(
        1,
        indices([
          [0, 0, 2, 1],
          [1, 1, 1, 0],
        ]),
        source,
      ),
  },
  {
    op: 'indexSelect',
    title: 'repeated rows of three dimensions',
    inputs: [{ shape: [2, 3, 2] }],
    run: (x) => x.indexSelect(1, indices([2, 0, 2, 2])),
  },
  {
    op: 'scatterAdd',
    title: 'into a part, from a part',
    inputs: [{ shape: [3, 4] }, { shape: [3, 5] }],
    run: (x, source) => x.scatterAdd(0, indices([[2, 0, 1]]), source),
  },
  {
    op: 'scatter',
    title: 'a tensor, from a part',
    inputs: [{ shape: [3, 4] }, { shape: [2, 4] }],
    run: (x, source) =>
      x.scatter(
        1,
        indices([
          [3, 0],
          [1, 2],
        ]),
        source,
      ),
  },
  { op: 'scatter', title: 'a number', inputs: [{ shape: [2, 3] }], run: (x) => x.scatter(0, indices([[1, 0]]), 2.5) },
  { op: 'gather', title: 'fewer rows', inputs: [{ shape: [3, 4] }], run: (x) => x.gather(1, indices([[0, 3]])) },
  { op: 'unflatten', title: 'the middle', inputs: [{ shape: [2, 6, 2] }], run: (x) => x.unflatten(1, [2, -1]) },
  { op: 'flip', title: 'two of three', inputs: [{ shape: [2, 3, 4] }], run: (x) => x.flip([0, -1]) },
  { op: 'flip', title: 'a transposed matrix', inputs: [{ shape: [2, 3] }], run: (x) => x.t().flip(0) },
  { op: 'flip', title: 'no element', inputs: [{ shape: [0, 3] }], run: (x) => x.flip([0, 1]) },
  { op: 'roll', title: 'two dimensions', inputs: [{ shape: [3, 4] }], run: (x) => x.roll([1, -6], [0, 1]) },
  { op: 'roll', title: 'as if flat', inputs: [{ shape: [2, 3] }], run: (x) => x.roll(2) },
  { op: 'repeat', title: 'with a new dimension', inputs: [{ shape: [2, 3] }], run: (x) => x.repeat([2, 1, 2]) },
  { op: 'repeatInterleave', title: 'rows', inputs: [{ shape: [2, 3] }], run: (x) => x.repeatInterleave(2, 0) },
  { op: 'repeatInterleave', title: 'flat', inputs: [{ shape: [2, 3] }], run: (x) => x.repeatInterleave(3) },
  { op: 'triu', title: 'above the diagonal', inputs: [{ shape: [2, 3, 4] }], run: (x) => x.triu(1) },
  { op: 'tril', title: 'a transposed matrix', inputs: [{ shape: [3, 4] }], run: (x) => x.t().tril(-1) },
  { op: 'sort', title: 'the middle', inputs: [{ shape: [2, 5, 3] }], run: (x) => x.sort(1).values },
  { op: 'sort', title: 'falling, transposed', inputs: [{ shape: [5, 3] }], run: (x) => x.t().sort(-1, true).values },
  { op: 'sort', title: 'no element', inputs: [{ shape: [2, 0] }], run: (x) => x.sort().values },
  { op: 'topk', title: 'the largest', inputs: [{ shape: [3, 7] }], run: (x) => x.topk(3).values },
  { op: 'topk', title: 'the smallest', inputs: [{ shape: [7, 2] }], run: (x) => x.topk(2, 0, false).values },
  { op: 'median', title: 'all', inputs: [{ shape: [3, 4] }], run: (x) => x.median() },
  { op: 'median', title: 'along one, kept', inputs: [{ shape: [3, 4] }], run: (x) => x.median(0, true).values },
  { op: 'indexSelect', title: 'nothing', inputs: [{ shape: [3, 2] }], run: (x) => x.indexSelect(0, indices([])) },
  {
    op: 'embedding',
    title: 'repeated rows',
    inputs: [{ shape: [4, 5] }],
    run: (table) =>
      embedding(
        indices([
          [2, 0, 2],
          [3, 3, 2],
        ]),
        table,
      ),
  },
  {
    op: 'embedding',
    title: 'the same table in several ways',
    inputs: [{ shape: [3, 4] }],
    run: (table) =>
      embedding(indices([1, 1, 1, 0]), table).mul(
        embedding(indices([2, 1, 2, 1]), table.mul(0.5)).add(embedding(indices([0, 0, 1, 1]), table)),
      ),
  },
  {
    op: 'embedding',
    title: 'a transposed table',
    inputs: [{ shape: [9, 3] }],
    run: (table) => embedding(indices([2, 0, 2]), table.t()),
  },
  { op: 'embedding', title: 'nothing', inputs: [{ shape: [3, 2] }], run: (table) => embedding(indices([]), table) },
];
