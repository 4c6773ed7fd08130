import { where } from '../../src/ops/where.ts';
import type { Tensor } from '../../src/tensor.ts';
import { LAYOUTS, type OpSample, type SampleInput } from './sample.ts';

export type Range = Omit<SampleInput, 'shape'>;
export type Unary = [op: string, run: (x: Tensor) => Tensor, range?: Range, title?: string];

const POSITIVE: Range = { low: 0.2, high: 3 };

/** Functions of one tensor, with the range in which they are smooth or defined. */
export const UNARY: readonly Unary[] = [
  ['abs', (x) => x.abs()],
  ['clamp', (x) => x.clamp(-0.7, 0.9)],
  ['clamp', (x) => x.clamp(0), {}, 'only from below'],
  ['cos', (x) => x.cos()],
  ['hardsigmoid', (x) => x.mul(2).hardsigmoid()],
  ['hardswish', (x) => x.mul(2).hardswish()],
  ['hardtanh', (x) => x.hardtanh(-0.7, 0.9)],
  ['logSigmoid', (x) => x.mul(3).logSigmoid()],
  ['mish', (x) => x.mul(3).mish()],
  ['relu6', (x) => x.mul(4).relu6()],
  ['selu', (x) => x.selu()],
  ['softsign', (x) => x.softsign()],
  ['elu', (x) => x.elu(0.7)],
  ['erf', (x) => x.erf()],
  ['exp', (x) => x.exp()],
  ['gelu', (x) => x.gelu()],
  ['gelu', (x) => x.gelu('tanh'), {}, 'tanh form'],
  ['leakyRelu', (x) => x.leakyRelu(0.1)],
  ['log', (x) => x.log(), POSITIVE],
  ['log1p', (x) => x.log1p(), { low: -0.8, high: 3 }],
  ['neg', (x) => x.neg()],
  ['relu', (x) => x.relu()],
  ['rsqrt', (x) => x.rsqrt(), POSITIVE],
  ['sigmoid', (x) => x.sigmoid()],
  ['silu', (x) => x.silu()],
  ['sin', (x) => x.sin()],
  ['softplus', (x) => x.softplus(2, 3)],
  ['sqrt', (x) => x.sqrt(), POSITIVE],
  ['tanh', (x) => x.tanh()],
  ['add', (x) => x.add(1.5), {}, 'a number'],
  ['sub', (x) => x.sub(1.5), {}, 'a number'],
  ['mul', (x) => x.mul(-2.5), {}, 'a number'],
  ['div', (x) => x.div(0.8), {}, 'a number'],
  ['pow', (x) => x.pow(2), {}, 'a square'],
  ['pow', (x) => x.pow(3), {}, 'a cube, also of negative numbers'],
  ['pow', (x) => x.pow(-0.5), POSITIVE, 'a fractional power'],
  ['pow', (x) => x.pow(0), {}, 'the power 0'],
  ['maximum', (x) => x.maximum(0.3), {}, 'a number'],
  ['minimum', (x) => x.minimum(0.3), {}, 'a number'],
  ['maskedFill', (x) => x.maskedFill(x.detach().gt(0.5), -3)],
  ['clone', (x) => x.clone()],
  ['contiguous', (x) => x.contiguous().mul(x)],
  ['to', (x) => x.to('float64').mul(3).to(x.dtype)],
];

export type Binary = [op: string, run: (a: Tensor, b: Tensor) => Tensor, a?: Range, b?: Range];

export const BINARY: readonly Binary[] = [
  ['add', (a, b) => a.add(b)],
  ['sub', (a, b) => a.sub(b)],
  ['mul', (a, b) => a.mul(b)],
  ['div', (a, b) => a.div(b), {}, { low: 0.5, high: 2 }],
  ['pow', (a, b) => a.pow(b), POSITIVE],
  ['remainder', (a, b) => a.remainder(b), {}, { low: 0.6, high: 0.9 }],
  ['maximum', (a, b) => a.maximum(b)],
  ['minimum', (a, b) => a.minimum(b)],
  ['where', (a, b) => where(a.detach().gt(b.detach()), a.mul(2), b)],
];

const PAIRS: readonly { title: string; a: number[]; b: number[]; view?: (a: Tensor) => Tensor }[] = [
  { title: 'equal shapes', a: [2, 5], b: [2, 5] },
  { title: 'a row for every row', a: [3, 5], b: [5] },
  { title: 'a column for every column', a: [3, 5], b: [3, 1] },
  { title: 'a column and a row', a: [3, 1], b: [1, 6] },
  { title: 'a scalar on the left', a: [], b: [2, 3] },
  { title: 'a scalar on the right', a: [5], b: [] },
  { title: 'a stretched middle and a new dimension', a: [2, 1, 3], b: [4, 1, 2, 3] },
  { title: 'a transposed left side', a: [5, 3], b: [3, 5], view: (a) => a.t() },
  {
    title: 'a cut and reordered left side',
    a: [4, 2, 3],
    b: [3, 2],
    view: (a) => a.slice(0, 1, 4, 2).permute([0, 2, 1]),
  },
  { title: 'no element', a: [0, 3], b: [1, 3] },
];

const unary = UNARY.flatMap(([op, run, range = {}, title]): OpSample[] =>
  LAYOUTS.map(({ title: layout, shape, view }) => ({
    op,
    title: title ? `${title}, ${layout}` : layout,
    inputs: [{ shape, ...range }],
    run: (x) => run(view(x)),
  })),
);

const binary = BINARY.flatMap(([op, run, rangeA = {}, rangeB = {}]): OpSample[] =>
  PAIRS.map(({ title, a, b, view = (x) => x }) => ({
    op,
    title,
    inputs: [
      { shape: a, ...rangeA },
      { shape: b, ...rangeB },
    ],
    run: (x, y) => run(view(x), y),
  })),
);

/** Elementwise operations, in every layout and every way of broadcasting. */
export const elementwiseSamples: readonly OpSample[] = [
  ...unary,
  ...binary,
  { op: 'glu', title: 'columns', inputs: [{ shape: [3, 4] }], run: (x) => x.glu() },
  { op: 'glu', title: 'rows', inputs: [{ shape: [2, 3] }], run: (x) => x.glu(0) },
  { op: 'prelu', title: 'one slope', inputs: [{ shape: [2, 3] }, { shape: [1] }], run: (x, w) => x.prelu(w) },
  {
    op: 'prelu',
    title: 'a slope for each channel',
    inputs: [{ shape: [2, 3, 2] }, { shape: [3] }],
    run: (x, w) => x.prelu(w),
  },
  { op: 'mul', title: 'a tensor by itself', inputs: [{ shape: [2, 3] }], run: (x) => x.mul(x) },
  { op: 'maximum', title: 'a tensor and itself', inputs: [{ shape: [4] }], run: (x) => x.maximum(x.mul(1)) },
];
