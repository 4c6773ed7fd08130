/** The kernels of attention: their options settled, their blocks written. */
import { DTypeError, GradwireError, ShapeError } from '../errors.ts';
import { block, openBlock, reals } from '../kernels/block.ts';
import { kernelsFor } from '../kernels/dispatch.ts';
import { defaultGenerator } from '../random/default-generator.ts';
import type { Generator } from '../random/generator.ts';
import { contiguousStrides, show, type Shape } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { withHeads } from './attention-heads.ts';
import { expand } from './reshape.ts';

export interface AttentionOptions {
  /** Broadcasts to [..., L, S]: bool, true where a query may see a key; or numbers of q's type, added to the scores. */
  readonly attnMask?: Tensor | null | undefined;
  /** Query i may see the keys 0 … i only; together with attnMask, both hold. */
  readonly isCausal?: boolean | undefined;
  /** Drops each weight with this probability and scales the others by 1/(1 − p). 0 by default, also in training. */
  readonly dropoutP?: number | undefined;
  /** Of the scores; 1/√E by default. */
  readonly scale?: number | null | undefined;
  /** Lets each head of k and v serve several heads of q, one after the other (Ainslie et al. 2023). */
  readonly enableGqa?: boolean | undefined;
  /** Where the key of the dropped weights is drawn from; the default generator. */
  readonly generator?: Generator | undefined;
}

/** What the kernels need besides the operands. */
export interface Settings {
  readonly scale: number;
  readonly causal: boolean;
  readonly mask: Tensor | null;
  /** Strides of the mask along N, H, L and S. */
  readonly maskStrides: readonly number[];
  readonly dropoutP: number;
  readonly dropoutKey: readonly [number, number];
}

/** An attention as it was computed, for its gradient: operands as heads, largest score and 1/sum of each query. */
export interface Attended {
  readonly q: Tensor;
  readonly k: Tensor;
  readonly v: Tensor;
  readonly out: Tensor;
  readonly statistics: Tensor;
  readonly settings: Settings;
}

/** Checks and completes the options for queries of the given shape, [..., L, E], over `keys` keys. */
export function settle(options: AttentionOptions, queries: Tensor, keys: number): Settings {
  const { attnMask = null, isCausal = false, dropoutP = 0 } = options;
  return {
    scale: options.scale ?? 1 / Math.sqrt(queries.shape[queries.rank - 1]),
    causal: isCausal,
    mask: attnMask,
    maskStrides: attnMask ? stridesOfMask(attnMask, queries, keys) : [0, 0, 0, 0],
    dropoutP,
    dropoutKey: drawKey(options),
  };
}

/** What the numbers follow from that decide which weights are dropped. */
export function drawKey({ dropoutP = 0, generator = defaultGenerator() }: AttentionOptions): readonly [number, number] {
  if (!(dropoutP >= 0 && dropoutP <= 1)) {
    throw new GradwireError('ERR_USAGE', `attention: dropoutP must lie between 0 and 1, got ${dropoutP}`);
  }
  return dropoutP > 0 ? [generator.uint32(), generator.uint32()] : [0, 0];
}

/** A weight is dropped where its 32-bit number is below this. */
export function dropoutThreshold(dropoutP: number): number {
  return Math.min(Math.round(dropoutP * 2 ** 32), 2 ** 32 - 1);
}

function stridesOfMask(mask: Tensor, queries: Tensor, keys: number): number[] {
  if (mask.dtype !== 'bool' && mask.dtype !== queries.dtype) {
    throw new DTypeError(`attention: attnMask must be bool or ${queries.dtype} as q, got ${mask.dtype}`);
  }
  const shape: Shape = [...queries.shape.slice(0, -1), keys];
  const added = shape.length - mask.rank;
  if (added < 0 || !mask.shape.every((size, d) => size === 1 || size === shape[d + added])) {
    throw new ShapeError(`attention: attnMask ${show(mask.shape)} does not broadcast to ${show(shape)}`);
  }
  return withHeads(expand(mask.detach(), shape).strides ?? contiguousStrides(shape), 0);
}

/** Computes `out` [N, H, L, V] from operands as heads. */
export function attend(q: Tensor, k: Tensor, v: Tensor, out: Tensor, settings: Settings): Attended {
  const statistics = Tensor.empty([...q.shape.slice(0, 3), 2], q.dtype);
  const attended = { q, k, v, out, statistics, settings };
  if (out.size === 0) return attended;
  const kernels = kernelsFor(q.dtype);
  bindAttended(attended);
  kernels.attention(block);
  return attended;
}

/** Computes the gradients of q, k and v, given that of the output, all as heads. */
export function attendGradient(attended: Attended, grad: Tensor, [dq, dk, dv]: readonly Tensor[]): void {
  const kernels = kernelsFor(attended.q.dtype);
  const words = bindAttended(attended);
  bindRows(words, 34, grad, 35);
  bindRows(words, 38, dq, 39);
  bindRows(words, 42, dk, 43);
  bindRows(words, 46, dv, 56);
  kernels.attentionGrad(block);
}

/** Writes the words that both kernels share; assembly/attention-tile.ts lists them. */
function bindAttended({ q, k, v, out, statistics, settings }: Attended): Uint32Array {
  const { mask, dropoutP, dropoutKey } = settings;
  mask?.checkAlive();
  const words = openBlock();
  bindRows(words, 0, q, 13);
  bindRows(words, 1, k, 16);
  bindRows(words, 2, v, 19);
  bindRows(words, 3, out, 22);
  words[4] = statistics.address;
  words[5] = mask ? mask.address : 0;
  words.set(q.shape, 6);
  words[9] = k.shape[2];
  words[10] = q.shape[3];
  words[11] = v.shape[3];
  words[12] = q.shape[1] / k.shape[1];
  words.set(settings.maskStrides, 25);
  words[29] = mask === null ? 0 : mask.dtype === 'bool' ? 1 : 2;
  words[30] = Number(settings.causal);
  words.set(dropoutKey, 31);
  words[33] = dropoutThreshold(dropoutP);
  reals[0] = settings.scale;
  reals[1] = dropoutP < 1 ? 1 / (1 - dropoutP) : 0;
  return words;
}

function bindRows(words: Uint32Array, operand: number, x: Tensor, strides: number): void {
  x.checkAlive();
  words[operand] = x.address;
  const own = x.strides ?? contiguousStrides(x.shape);
  for (let d = 0; d < 3; d++) words[strides + d] = own[d];
}
