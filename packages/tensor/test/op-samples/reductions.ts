import type { Tensor } from '../../src/tensor.ts';
import { LAYOUTS, type OpSample } from './sample.ts';
import type { Dims } from '../../src/ops/dims.ts';

const ALONG: readonly { title: string; dim: Dims; keepdim: boolean }[] = [
  { title: 'all', dim: undefined, keepdim: false },
  { title: 'the first dimension', dim: 0, keepdim: false },
  { title: 'the middle dimension, kept', dim: 1, keepdim: true },
  { title: 'the last dimension', dim: -1, keepdim: false },
  { title: 'two neighbours', dim: [1, 2], keepdim: false },
  { title: 'two dimensions apart, kept', dim: [0, -1], keepdim: true },
];

export const OVER_DIMS: readonly [string, (x: Tensor, dim: Dims, keepdim: boolean) => Tensor][] = [
  ['sum', (x, dim, keepdim) => x.sum(dim, keepdim)],
  ['mean', (x, dim, keepdim) => x.mean(dim, keepdim)],
  ['var', (x, dim, keepdim) => x.var(dim, true, keepdim)],
  ['std', (x, dim, keepdim) => x.std(dim, false, keepdim)],
  ['norm', (x, dim, keepdim) => x.norm(dim, keepdim)],
  ['amax', (x, dim, keepdim) => x.amax(dim, keepdim)],
  ['amin', (x, dim, keepdim) => x.amin(dim, keepdim)],
];

const overDims = OVER_DIMS.flatMap(([op, run]) =>
  ALONG.flatMap(({ title, dim, keepdim }): OpSample[] => [
    { op, title, inputs: [{ shape: [3, 4, 2] }], run: (x) => run(x, dim, keepdim) },
    {
      op,
      title: `${title}, permuted`,
      inputs: [{ shape: [2, 3, 4] }],
      run: (x) => run(x.permute([1, 2, 0]), dim, keepdim),
    },
  ]),
);

export const ALONG_ONE: readonly [string, (x: Tensor) => Tensor][] = [
  ['cumsum', (x) => x.cumsum(-1)],
  ['cumprod', (x) => x.cumprod(-1)],
  ['prod', (x) => x.prod(-1)],
  ['softmax', (x) => x.softmax(-1)],
  ['logSoftmax', (x) => x.logSoftmax(-1)],
  ['logsumexp', (x) => x.logsumexp(-1)],
];

const alongLast = ALONG_ONE.flatMap(([op, run]) =>
  LAYOUTS.filter(({ shape }) => shape.length > 0).map(({ title, shape, view }): OpSample => ({
    op,
    title,
    inputs: [{ shape }],
    run: (x) => run(view(x)),
  })),
);

/** Operations along dimensions. */
export const reductionSamples: readonly OpSample[] = [
  ...overDims,
  ...alongLast.filter(({ op, title }) => !(op === 'logsumexp' && title === 'no element')),
  ...['cumsum', 'softmax', 'logSoftmax', 'logsumexp'].map((op): OpSample => ({
    op,
    title: 'the first of two dimensions',
    inputs: [{ shape: [5, 3] }],
    run: (x) => (x as unknown as Record<string, (dim: number) => Tensor>)[op]!(0),
  })),
  { op: 'cumprod', title: 'the first', inputs: [{ shape: [4, 3] }], run: (x) => x.cumprod(0) },
  { op: 'prod', title: 'all', inputs: [{ shape: [2, 3] }], run: (x) => x.prod() },
  { op: 'prod', title: 'kept, transposed', inputs: [{ shape: [4, 2] }], run: (x) => x.t().prod(1, true) },
  { op: 'prod', title: 'with zeros', inputs: [{ shape: [4] }], run: (x) => x.mul(x.detach().gt(0)).prod() },
  { op: 'sum', title: 'no element', inputs: [{ shape: [0, 3] }], run: (x) => x.sum(0) },
  { op: 'sum', title: 'a scalar', inputs: [{ shape: [] }], run: (x) => x.sum() },
  { op: 'sum', title: 'a dimension of size 1', inputs: [{ shape: [3, 1] }], run: (x) => x.sum(1) },
  { op: 'logsumexp', title: 'kept', inputs: [{ shape: [2, 3] }], run: (x) => x.logsumexp(1, true) },
  { op: 'max', title: 'all', inputs: [{ shape: [3, 4] }], run: (x) => x.max() },
  { op: 'max', title: 'the middle dimension', inputs: [{ shape: [2, 5, 3] }], run: (x) => x.max(1).values },
  { op: 'max', title: 'kept, transposed', inputs: [{ shape: [4, 3] }], run: (x) => x.t().max(1, true).values },
  { op: 'min', title: 'all', inputs: [{ shape: [3, 4] }], run: (x) => x.min() },
  { op: 'min', title: 'the last dimension', inputs: [{ shape: [2, 5, 3] }], run: (x) => x.min(-1).values },
];
