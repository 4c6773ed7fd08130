import { isRecording, record, type Node } from '../autograd.ts';
import { gradientsThrough } from '../autograd/composed.ts';
import { noted } from '../autograd/trace.ts';
import { DTypeError, ShapeError } from '../errors.ts';
import { broadcastShapes, sameShape, show, sizeOf } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { rowMajor } from './accumulate.ts';
import { attend, attendGradient, settle, type Attended, type AttentionOptions } from './attention-call.ts';
import { asHeads, packedHeads, withoutHeads, emptyHeads } from './attention-heads.ts';
import { attendThroughWeights, composedAttention } from './attention-weights.ts';
import { checkFloat } from './elementwise.ts';
import { expand, permute, reshape, squeeze, transpose, unsqueeze } from './reshape.ts';
import { unbind } from './join.ts';

/**
 * softmax(scale·q·kᵀ + mask)·v (Vaswani et al. 2017). q: [..., L, E], k: [..., S, E], v: [..., S, V] → [..., L, V]; leading
 * dimensions broadcast. Computed in tiles with an online softmax, so no [L, S] matrix stands in memory (Rabe & Staats
 * 2021; Dao et al. 2022); the operands may be views of any strides. A query that may see no key gives zeros. Scores behind the
 * last key that mask or causality leaves to a query are not looked at, so a NaN there does not spread to it. A mask that
 * requires a gradient takes the plain way, through [L, S] weights.
 * Throws ShapeError or DTypeError if operands or mask do not fit each other.
 */
export function scaledDotProductAttention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor {
  checkOperands(q, k, v, options.enableGqa ?? false);
  if (!options.enableGqa && !sameLeading(q, k, v)) return attendBroadcast(q, k, v, options);
  if (options.attnMask?.requiresGrad) return composedAttention(q, k, v, options);
  if (q.rank > 4) return attendManyDimensions(q, k, v, options);
  if (options.enableGqa && q.rank === 3) {
    const [queries, keys, values] = [q, k, v].map((x) => unsqueeze(x, 0));
    return squeeze(scaledDotProductAttention(queries, keys, values, options), 0);
  }
  const [queries, keys, values] = [asHeads(q), asHeads(k), asHeads(v)];
  const settings = settle(options, q, k.shape[k.rank - 2]);
  const out = emptyHeads([...queries.shape.slice(0, 3), values.shape[3]], queries);
  const attended = attend(queries, keys, values, out, settings);
  const y = record(withoutHeads(out, outputShape(q, v)), attentionGradient, [q, k, v], attended);
  return noted(y, 'attention', [q, k, v, settings.mask], settings);
}
function attentionGradient(grad: Tensor, { inputs, saved }: Node): (Tensor | null)[] {
  const attended = saved as Attended;
  if (isRecording()) {
    const isGrouped = attended.q.shape[1] !== attended.k.shape[1];
    const compose = (q: Tensor, k: Tensor, v: Tensor): Tensor =>
      attendThroughWeights(q, k, v, attended.settings, isGrouped);
    return gradientsThrough(compose, inputs, grad);
  }
  const gradients = [attended.q, attended.k, attended.v].map((x) => emptyHeads(x.shape, x));
  attendGradient(attended, asHeads(grad), gradients);
  return gradients.map((gradient, i) => withoutHeads(gradient, inputs[i].shape));
}

/**
 * The same within one sequence whose queries, keys and values stand beside each other, as one projection gives them.
 * qkv: [N, L, 3·E], each third being the heads one after the other → [N, L, E].
 */
export function selfAttention(qkv: Tensor, numHeads: number, options: AttentionOptions = {}): Tensor {
  checkFloat('selfAttention', qkv);
  if (qkv.rank !== 3 || qkv.shape[2] % (3 * numHeads) !== 0) {
    throw new ShapeError(`selfAttention: qkv must be [N, L, 3·E] with E in ${numHeads} heads, got ${show(qkv.shape)}`);
  }
  const [n, length, width] = qkv.shape;
  if (options.attnMask?.requiresGrad) {
    const [q, k, v] = headsOf(qkv, numHeads);
    return joinHeads(composedAttention(q, k, v, options));
  }
  const packed = rowMajor(qkv);
  const [q, k, v] = [0, 1, 2].map((part) => packedHeads(packed, numHeads, part, 3));
  const out = Tensor.empty([n, length, width / 3], qkv.dtype);
  const settings = settle(options, q, length);
  const attended = attend(q, k, v, packedHeads(out, numHeads, 0, 1), settings);
  const y = record(out, selfAttentionGradient, [qkv], attended);
  return noted(y, 'selfAttention', [qkv, settings.mask], { ...settings, numHeads });
}
function selfAttentionGradient(grad: Tensor, { inputs: [qkv], saved }: Node): (Tensor | null)[] {
  const attended = saved as Attended;
  const heads = attended.q.shape[1];
  if (isRecording()) {
    const compose = (packed: Tensor): Tensor => {
      const [q, k, v] = headsOf(packed, heads);
      return joinHeads(attendThroughWeights(q, k, v, attended.settings, false));
    };
    return gradientsThrough(compose, [qkv], grad);
  }
  const out = Tensor.empty(qkv.shape, qkv.dtype);
  const gradients = [0, 1, 2].map((part) => packedHeads(out, heads, part, 3));
  attendGradient(attended, packedHeads(rowMajor(grad), heads, 0, 1), gradients);
  return [out];
}

/** [N, L, 3·H·E] → q, k and v, [N, H, L, E] each. */
function headsOf(qkv: Tensor, heads: number): Tensor[] {
  const [n, length, width] = qkv.shape;
  return unbind(permute(reshape(qkv, [n, length, 3, heads, width / (3 * heads)]), [2, 0, 3, 1, 4]));
}

/** [N, H, L, E] → [N, L, H·E]. */
function joinHeads(x: Tensor): Tensor {
  const [n, heads, length, width] = x.shape;
  return reshape(transpose(x, 1, 2), [n, length, heads * width]);
}

function attendBroadcast(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions): Tensor {
  const leading = [q, k, v].map(({ shape }) => shape.slice(0, -2));
  const batch = leading.reduce<readonly number[]>((a, b) => broadcastShapes('scaledDotProductAttention', a, b), []);
  const [queries, keys, values] = [q, k, v].map((x) => expand(x, [...batch, ...x.shape.slice(-2)]));
  return scaledDotProductAttention(queries, keys, values, options);
}

/** More than two leading dimensions: all but the last become one. */
function attendManyDimensions(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions): Tensor {
  const batch = sizeOf(q.shape.slice(0, -3));
  const joined = (x: Tensor): Tensor => reshape(x, [batch, ...x.shape.slice(-3)]);
  const { attnMask } = options;
  const whole = [...q.shape.slice(0, -1), k.shape[k.rank - 2]];
  const mask = attnMask && (attnMask.rank > 3 ? joined(expand(attnMask, whole)) : attnMask);
  const out = scaledDotProductAttention(joined(q), joined(k), joined(v), { ...options, attnMask: mask });
  return reshape(out, outputShape(q, v));
}

function outputShape(q: Tensor, v: Tensor): number[] {
  return [...q.shape.slice(0, -1), v.shape[v.rank - 1]];
}

function sameLeading(q: Tensor, k: Tensor, v: Tensor): boolean {
  const [a, b, c] = [q, k, v].map(({ shape }) => shape.slice(0, -2));
  return sameShape(a, b) && sameShape(a, c);
}

function checkOperands(q: Tensor, k: Tensor, v: Tensor, grouped: boolean): void {
  checkFloat('scaledDotProductAttention', q);
  if (k.dtype !== q.dtype || v.dtype !== q.dtype) {
    throw new DTypeError(
      `scaledDotProductAttention: q, k and v must have one type, got ${q.dtype}, ${k.dtype}, ${v.dtype}`,
    );
  }
  const fit =
    Math.min(q.rank, k.rank, v.rank) >= 2 &&
    q.shape.at(-1) === k.shape.at(-1) &&
    k.shape.at(-2) === v.shape.at(-2) &&
    (!grouped || groupsFit(q, k, v));
  if (fit) return;
  throw new ShapeError(
    `scaledDotProductAttention: q ${show(q.shape)} must be [..., L, E], k ${show(k.shape)} [..., S, E] and ` +
      `v ${show(v.shape)} [..., S, V]${grouped ? ', with a multiple of their heads in q' : ''}`,
  );
}

/** Whether all leading dimensions are equal, but for the heads, of which q has a multiple. */
function groupsFit(q: Tensor, k: Tensor, v: Tensor): boolean {
  return (
    q.rank >= 3 &&
    sameShape(q.shape.slice(0, -3), k.shape.slice(0, -3)) &&
    sameShape(k.shape.slice(0, -2), v.shape.slice(0, -2)) &&
    q.shape.at(-3)! % k.shape.at(-3)! === 0
  );
}
