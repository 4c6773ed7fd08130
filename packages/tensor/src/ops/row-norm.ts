import { isRecording, record, type Node } from '../autograd.ts';
import { gradientsThrough } from '../autograd/composed.ts';
import { noted } from '../autograd/trace.ts';
import { DTypeError, ShapeError } from '../errors.ts';
import { block, openBlock, reals } from '../kernels/block.ts';
import { kernelsFor } from '../kernels/dispatch.ts';
import { sameShape, show, sizeOf, type Shape } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { rowMajor } from './accumulate.ts';
import { normalisedRows } from './composed-norms.ts';
import { checkFloat } from './elementwise.ts';

/** What a normalised x is multiplied by and what is added, both learned; and eps, added to the variance. */
export interface RowNormOptions {
  readonly weight?: Tensor | null;
  readonly bias?: Tensor | null;
  readonly eps?: number;
}

/** x as [rows, parts, inner]; part k of a row in group g (of `groups` that take turns) has weight g·parts + k. */
interface Rows {
  readonly rows: number;
  readonly groups: number;
  readonly parts: number;
  readonly inner: number;
  readonly isCentred: boolean;
}

interface Saved {
  readonly source: Tensor;
  readonly weight: Tensor | null;
  readonly moments: Tensor;
  readonly rows: Rows;
  readonly options: RowNormOptions;
}

/**
 * Layer normalisation (Ba, Kiros & Hinton 2016): (x − mean)/√(var + eps)·weight + bias over the last dimensions, with
 * the biased variance. x: [..., ...normalizedShape] → the same; weight and bias: normalizedShape.
 */
export function layerNorm(x: Tensor, normalizedShape: Shape, options: RowNormOptions = {}): Tensor {
  const rows = lastDims('layerNorm', x, normalizedShape, options, true);
  return rowNorm('layerNorm', x, rows, { eps: 1e-5, ...options }, normalizedShape.length);
}

/**
 * Root-mean-square normalisation (Zhang & Sennrich 2019): x/√(mean of x² + eps)·weight over the last dimensions.
 * x: [..., ...normalizedShape] → the same. eps is the type's machine epsilon unless given.
 */
export function rmsNorm(x: Tensor, normalizedShape: Shape, options: Omit<RowNormOptions, 'bias'> = {}): Tensor {
  const eps = options.eps ?? (x.dtype === 'float64' ? Number.EPSILON : 2 ** -23);
  const rows = lastDims('rmsNorm', x, normalizedShape, options, false);
  return rowNorm('rmsNorm', x, rows, { ...options, eps }, normalizedShape.length);
}

/**
 * Group normalisation (Wu & He 2018): each sample's channels in numGroups groups, each normalised by itself over its
 * channels and positions. x: [N, C, ...] → the same; weight and bias: [C].
 */
export function groupNorm(x: Tensor, numGroups: number, options: RowNormOptions = {}): Tensor {
  return rowNorm('groupNorm', x, groupsOf('groupNorm', x, numGroups, options), { eps: 1e-5, ...options }, numGroups);
}

/**
 * Instance normalisation (Ulyanov, Vedaldi & Lempitsky 2016): each channel of each sample by itself over its positions.
 * x: [N, C, ...] → the same; weight and bias: [C]. Throws ShapeError for one value a channel.
 */
export function instanceNorm(x: Tensor, options: RowNormOptions = {}): Tensor {
  const rows = groupsOf('instanceNorm', x, x.shape[1] ?? 0, options);
  if (rows.inner === 1) {
    throw new ShapeError(`instanceNorm: x ${show(x.shape)} has one value a channel; more than one is needed`);
  }
  return rowNorm('instanceNorm', x, rows, { eps: 1e-5, ...options }, x.shape[1]!);
}

/** `count`: how many last dimensions are normalised, or how many groups. */
function rowNorm(where: string, x: Tensor, rows: Rows, options: RowNormOptions, count: number): Tensor {
  checkFloat(where, x);
  const { weight = null, bias = null } = options;
  for (const vector of [weight, bias]) {
    if (vector && vector.dtype !== x.dtype) {
      throw new DTypeError(`${where}: x is ${x.dtype}, but weight and bias are ${vector.dtype}; convert x with to()`);
    }
  }
  const [source, factors, offsets] = [rowMajor(x), weight && rowMajor(weight), bias && rowMajor(bias)];
  const [out, moments] = [Tensor.empty(x.shape, x.dtype), Tensor.empty([2, rows.rows], 'float64')];
  const kernels = kernelsFor(x.dtype);
  bindRows(source, out, factors, offsets, moments, rows);
  reals[0] = options.eps!;
  if (x.size > 0) kernels.rowNorm(block);
  const saved: Saved = { source, weight: factors, moments, rows, options };
  const y = record(out, rowNormGradient, [x, ...(weight ? [weight] : []), ...(bias ? [bias] : [])], saved);
  return noted(y, where, [x, weight, bias], { count, eps: options.eps });
}
function rowNormGradient(grad: Tensor, { inputs, saved }: Node): (Tensor | null)[] {
  if (isRecording()) return gradientsThrough(composedBy(saved as Saved), inputs, grad);
  const [x] = inputs;
  const { source, weight, moments, rows, options } = saved as Saved;
  const dy = rowMajor(grad);
  const dx = x!.requiresGrad ? Tensor.empty(x!.shape, x!.dtype) : null;
  const [dweight, dbias] = [options.weight, options.bias].map((vector) =>
    vector ? Tensor.empty(vector.shape, vector.dtype) : null,
  );
  const kernels = kernelsFor(source.dtype);
  const words = bindRows(source, dy, weight, dx, moments, rows);
  words[10] = dweight?.address ?? 0;
  words[11] = dbias?.address ?? 0;
  kernels.rowNormGrad(block);
  return [dx, ...(dweight ? [dweight] : []), ...(dbias ? [dbias] : [])];
}

/** The normalisation as a function of x and of those of weight and bias that there are. */
function composedBy({ rows: { rows, groups, parts, inner, isCentred }, options }: Saved) {
  return (x: Tensor, ...vectors: Tensor[]): Tensor => {
    const weight = options.weight ? vectors.shift()! : null;
    const sizes = [rows / groups, groups * parts, inner] as const;
    return normalisedRows(x, rows, options.eps!, isCentred, { weight, bias: vectors[0] ?? null, sizes });
  };
}

function bindRows(
  x: Tensor,
  y: Tensor,
  weight: Tensor | null,
  other: Tensor | null,
  moments: Tensor,
  { rows, groups, parts, inner, isCentred }: Rows,
): Uint32Array {
  const words = openBlock();
  words[0] = x.address;
  words[1] = y.address;
  words[2] = weight?.address ?? 0;
  words[3] = other?.address ?? 0;
  words[4] = moments.address;
  words[5] = rows;
  words[6] = groups;
  words[7] = parts;
  words[8] = inner;
  words[9] = Number(isCentred);
  return words;
}

function lastDims(where: string, x: Tensor, normalized: Shape, vectors: RowNormOptions, isCentred: boolean): Rows {
  const first = x.rank - normalized.length;
  if (normalized.length === 0 || first < 0 || !sameShape(x.shape.slice(first), normalized)) {
    throw new ShapeError(`${where}: x ${show(x.shape)} must end in the normalised shape ${show(normalized)}`);
  }
  checkVectors(where, vectors, normalized);
  return { rows: sizeOf(x.shape.slice(0, first)), groups: 1, parts: sizeOf(normalized), inner: 1, isCentred };
}

function groupsOf(where: string, x: Tensor, groups: number, vectors: RowNormOptions): Rows {
  const [images = 0, channels = 0, ...positions] = x.shape;
  if (x.rank < 2) throw new ShapeError(`${where}: x must be [N, C, ...], got ${show(x.shape)}`);
  if (!(Number.isInteger(groups) && groups > 0 && channels % groups === 0)) {
    throw new ShapeError(`${where}: ${channels} channels of x ${show(x.shape)} do not divide into ${groups} groups`);
  }
  checkVectors(where, vectors, [channels]);
  return { rows: images * groups, groups, parts: channels / groups, inner: sizeOf(positions), isCentred: true };
}

function checkVectors(where: string, { weight, bias }: RowNormOptions, shape: Shape): void {
  for (const [name, vector] of Object.entries({ weight, bias })) {
    if (!vector || sameShape(vector.shape, shape)) continue;
    throw new ShapeError(`${where}: ${name} ${show(vector.shape)} must be ${show(shape)}`);
  }
}
