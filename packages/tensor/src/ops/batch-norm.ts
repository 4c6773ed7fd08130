import { isRecording, record, type Node } from '../autograd.ts';
import { gradientsThrough } from '../autograd/composed.ts';
import { isRecomputing } from '../autograd/recompute.ts';
import { noted } from '../autograd/trace.ts';
import { readsInputs } from '../autograd/versions.ts';
import { DTypeError, ShapeError } from '../errors.ts';
import { block, openBlock, reals } from '../kernels/block.ts';
import { kernelsFor } from '../kernels/dispatch.ts';
import { show, sizeOf } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { rowMajor } from './accumulate.ts';
import { to } from './cast.ts';
import { normalisedChannels } from './composed-norms.ts';
import { checkFloat } from './elementwise.ts';
import { select } from './reshape.ts';

export interface BatchNormOptions {
  /** [C], each channel's factor; none: 1. */
  readonly weight?: Tensor | null;
  /** [C], added to each channel; none: 0. */
  readonly bias?: Tensor | null;
  /** [C], long-lived: updated if training, else the moments that are used. Both or none. */
  readonly runningMean?: Tensor | null;
  readonly runningVar?: Tensor | null;
  /** Whether the moments are those of x. Without running moments they always are. */
  readonly training?: boolean;
  /** What the new value counts in the running moments. */
  readonly momentum?: number;
  readonly eps?: number;
  /**
   * Adds numbers up over all workers, in place, so that the moments are those of their common batch. Every worker calls
   * it once in forward and once in backward.
   */
  readonly sumOverWorkers?: (numbers: Float64Array) => void;
}

const [MEASURE, APPLY] = [1, 2];

interface Saved {
  readonly source: Tensor;
  readonly weight: Tensor | null;
  /** [2, C] float64: means and biased variances. */
  readonly moments: Tensor;
  /** How many elements of a channel the moments depend on; Infinity if on none. */
  readonly count: number;
  readonly options: BatchNormOptions;
}

/**
 * Batch normalisation (Ioffe & Szegedy 2015): y = (x − mean)/√(var + eps)·weight + bias, with the biased variance, for
 * each channel. x: [N, C] or [N, C, ...] → the same. In training the running moments move by momentum towards the
 * batch's mean and unbiased variance. Throws ShapeError if sizes do not fit, or in training for one value a channel.
 */
export function batchNorm(x: Tensor, options: BatchNormOptions = {}): Tensor {
  checkFloat('batchNorm', x);
  checkOperands(x, options);
  const { weight = null, bias = null, runningMean, runningVar, training = false, sumOverWorkers } = options;
  const source = rowMajor(x);
  const out = Tensor.empty(x.shape, x.dtype);
  const moments = Tensor.empty([2, x.shape[1]!], 'float64');
  const vectors = { weight: weight && rowMajor(weight), bias: bias && rowMajor(bias) };
  let count = Infinity;
  if (training || !runningMean) {
    count = countOf(x);
    if (sumOverWorkers) count = measureTogether(source, moments, sumOverWorkers);
    checkCount(x, count);
    forward(source, out, vectors, moments, options, sumOverWorkers ? APPLY : MEASURE | APPLY);
    if (training && runningMean && runningVar && count > 0 && !isRecomputing()) track(moments, count, options);
  } else {
    valuesOf(moments).set([...runningMean.data(), ...runningVar!.data()]);
    forward(source, out, vectors, moments, options, APPLY);
  }
  const saved: Saved = { source, weight: vectors.weight, moments, count, options };
  const y = record(out, batchNormGradient, [x, ...(weight ? [weight] : []), ...(bias ? [bias] : [])], saved);
  return noted(y, 'batchNorm', [x, weight, bias, runningMean ?? null, runningVar ?? null], options);
}

function batchNormGradient(grad: Tensor, { inputs, saved }: Node): (Tensor | null)[] {
  const { source, weight, moments, count, options } = saved as Saved;
  const isShared = options.sumOverWorkers !== undefined && count !== Infinity; // sums over workers are not recorded
  if (isRecording() && !isShared) return gradientsThrough(composedBy(saved as Saved), inputs, grad);
  const [x] = inputs;
  const dy = rowMajor(grad);
  const dx = x!.requiresGrad ? Tensor.empty(x!.shape, x!.dtype) : null;
  const sums = Tensor.empty(moments.shape, 'float64');
  const [dweight, dbias] = [options.weight, options.bias].map((v) => (v ? Tensor.empty(v.shape, v.dtype) : null));
  const kernels = kernelsFor(source.dtype);
  const run = (phases: number): void => {
    const words = bindChannels(source, dy, weight, dx, moments, options, phases);
    words[9] = sums.address;
    words[10] = dweight?.address ?? 0;
    words[11] = dbias?.address ?? 0;
    reals[1] = count;
    kernels.batchNormGrad(block);
  };
  run(dx && !isShared ? MEASURE | APPLY : MEASURE);
  if (isShared) {
    options.sumOverWorkers!(valuesOf(sums));
    if (dx) run(APPLY);
  }
  return [dx, ...(dweight ? [dweight] : []), ...(dbias ? [dbias] : [])];
}

/** The normalisation as a function of x and of those of weight and bias that there are. */
function composedBy({ moments, count, options: { eps = 1e-5, ...options } }: Saved) {
  return (x: Tensor, ...vectors: Tensor[]): Tensor => {
    const weight = options.weight ? vectors.shift()! : null;
    const given = count === Infinity ? [0, 1].map((row) => to(select(moments, 0, row), x.dtype)) : null;
    const sizes = [x.shape[0]!, x.shape[1]!, sizeOf(x.shape.slice(2))] as const;
    return normalisedChannels(x, eps, given, { weight, bias: vectors[0] ?? null, sizes });
  };
}

interface Vectors {
  readonly weight: Tensor | null;
  readonly bias: Tensor | null;
}

function forward(
  x: Tensor,
  out: Tensor,
  { weight, bias }: Vectors,
  moments: Tensor,
  options: BatchNormOptions,
  phases: number,
): void {
  const kernels = kernelsFor(x.dtype);
  bindChannels(x, out, weight, bias, moments, options, phases);
  kernels.batchNorm(block);
}

function bindChannels(
  x: Tensor,
  y: Tensor,
  weight: Tensor | null,
  other: Tensor | null,
  moments: Tensor,
  { eps = 1e-5 }: BatchNormOptions,
  phases: number,
): Uint32Array {
  const words = openBlock();
  words[0] = x.address;
  words[1] = y.address;
  words[2] = weight?.address ?? 0;
  words[3] = other?.address ?? 0;
  words[4] = moments.address;
  words[5] = x.shape[0]!;
  words[6] = x.shape[1]!;
  words[7] = x.size === 0 ? 0 : x.size / (x.shape[0]! * x.shape[1]!);
  words[8] = phases;
  reals[0] = eps;
  return words;
}

/** Moments over the batches of all workers; returns the count of all. */
function measureTogether(x: Tensor, moments: Tensor, sumOverWorkers: (numbers: Float64Array) => void): number {
  const values = valuesOf(moments);
  const [own, channels] = [countOf(x), x.shape[1]!];
  forward(x, x, { weight: null, bias: null }, moments, {}, MEASURE);
  // Counts, sums, and sums of squares are what adds up; float64 keeps enough digits for the way back.
  const totals = new Float64Array(1 + 2 * channels);
  totals[0] = own;
  for (let c = 0; c < channels && own > 0; c++) {
    totals[1 + c] = own * values[c]!;
    totals[1 + channels + c] = own * (values[channels + c]! + values[c]! ** 2);
  }
  sumOverWorkers(totals);
  const count = totals[0]!;
  for (let c = 0; c < channels; c++) {
    values[c] = totals[1 + c]! / count;
    values[channels + c] = Math.max(0, totals[1 + channels + c]! / count - values[c]! ** 2);
  }
  return count;
}

/** running ← (1 − momentum)·running + momentum·new, with the unbiased variance. */
function track(moments: Tensor, count: number, { runningMean, runningVar, momentum = 0.1 }: BatchNormOptions): void {
  const [mean, variance, values] = [runningMean!.view(), runningVar!.view(), valuesOf(moments)];
  const unbiased = count / (count - 1);
  for (let c = 0; c < mean.length; c++) {
    mean[c] = (1 - momentum) * mean[c]! + momentum * values[c]!;
    variance[c] = (1 - momentum) * variance[c]! + momentum * values[mean.length + c]! * unbiased;
  }
}

function valuesOf(tensor: Tensor): Float64Array {
  return Tensor.fromHandle({ address: tensor.address, shape: tensor.shape, dtype: 'float64' }).view() as Float64Array;
}

const countOf = ({ size, shape }: Tensor): number => (size === 0 ? 0 : size / shape[1]!);

function checkCount(x: Tensor, count: number): void {
  if (count !== 1) return; // nothing is nothing, also normalised
  throw new ShapeError(
    `batchNorm: x ${show(x.shape)} has ${count} values a channel; in training more than one is needed: give a larger batch, or call eval()`,
  );
}

function checkOperands(x: Tensor, { weight, bias, runningMean, runningVar }: BatchNormOptions): void {
  if (x.rank < 2) throw new ShapeError(`batchNorm: x must be [N, C] or [N, C, ...], got ${show(x.shape)}`);
  for (const [name, vector] of Object.entries({ weight, bias, runningMean, runningVar })) {
    if (!vector) continue;
    if (vector.rank !== 1 || vector.size !== x.shape[1]) {
      throw new ShapeError(`batchNorm: ${name} ${show(vector.shape)} must be [${x.shape[1]}], the channels of x`);
    }
    if ((vector === weight || vector === bias) && vector.dtype !== x.dtype) {
      throw new DTypeError(`batchNorm: x is ${x.dtype}, but ${name} is ${vector.dtype}; convert x with to()`);
    }
  }
  if (!runningMean !== !runningVar)
    throw new ShapeError('batchNorm: runningMean and runningVar come both or not at all');
}

readsInputs(batchNormGradient);
