/**
 * A tile of attention scores, up to 64 queries by 64 keys, in the scratch memory: what is done to it between the products.
 * Words of the block that both attention kernels share: 0 q, 1 k, 2 v, 3 out, 4 statistics [N, H, L, 2], 5 mask; 6 N, 7 H,
 * 8 L (queries), 9 S (keys), 10 E, 11 V (width of v), 12 query heads a key head; strides in elements along N, H and rows:
 * 13 of q, 16 of k, 19 of v, 22 of out; 25 mask strides along N, H, L, S; 29 mask kind (0 none, 1 bool, 2 float);
 * 30 causal; 31, 32 key of the dropped weights; 33 a random number below it drops; the last dimensions have stride 1.
 * Doubles: 0 scale of the scores, 1 scale of the weights that are kept.
 */
import { exp4 } from './math';
import { philox4 } from './philox';
import { real } from './strided';

export const TILE: usize = 64;
export const TILE_ROW: usize = TILE << 2;
export const TILE_BYTES: usize = TILE * TILE_ROW;

@inline
export function word(p: usize, i: usize): usize {
  return load<u32>(p + (i << 2));
}

/** Address of the matrix of batch n and head h of an operand whose strides start at word `strides`. */
@inline
export function matrixOf(p: usize, operand: usize, strides: usize, n: usize, h: usize): usize {
  return word(p, operand) + ((n * word(p, strides) + h * word(p, strides + 1)) << 2);
}

/** Address of the largest score of a query and, behind it, of 1/Σ eˢ⁻ˡᵃʳᵍᵉˢᵗ. */
@inline
export function statisticsOf(p: usize, n: usize, h: usize, i: usize): usize {
  return word(p, 4) + (((n * word(p, 7) + h) * word(p, 8) + i) << 3);
}

/** How many of the keys j0 … j0 + columns − 1 query i may see under a causal mask. */
@inline
export function visible(causal: bool, i: usize, j0: usize, columns: usize): usize {
  if (!causal) return columns;
  return i < j0 ? 0 : min(columns, i - j0 + 1);
}

/**
 * Turns products into scores: scales them, adds or applies the mask, puts −∞ behind the last visible key up to a multiple of
 * four. Row i of the sequence, `count` visible keys from j0 on; returns the largest score.
 */
export function finishScores(p: usize, row: usize, n: usize, h: usize, i: usize, j0: usize, count: usize): f32 {
  const scale = f32x4.splat(<f32>real(p, 0));
  const kind = word(p, 29);
  for (let j = count; (j & 3) != 0; j++) store<f32>(row + (j << 2), -Infinity);
  let most = f32x4.splat(-Infinity);
  if (kind != 0) applyMask(p, row, n, h, i, j0, count, kind);
  for (let at = row, end = row + (((count + 3) & ~3) << 2); at < end; at += 16) {
    const scores = kind != 0 ? v128.load(at) : f32x4.mul(v128.load(at), scale);
    v128.store(at, scores);
    most = f32x4.max(most, scores);
  }
  most = f32x4.max(most, v128.shuffle<f32>(most, most, 2, 3, 0, 1));
  return max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1));
}

function applyMask(p: usize, row: usize, n: usize, h: usize, i: usize, j0: usize, count: usize, kind: usize): void {
  const scale = <f32>real(p, 0);
  const step = word(p, 28);
  let at = n * word(p, 25) + h * word(p, 26) + i * word(p, 27) + j0 * step;
  const mask = word(p, 5);
  for (let j: usize = 0; j < count; j++, at += step) {
    const score = load<f32>(row + (j << 2)) * scale;
    if (kind == 1) store<f32>(row + (j << 2), load<u8>(mask + at) != 0 ? score : -Infinity);
    else store<f32>(row + (j << 2), score + load<f32>(mask + (at << 2)));
  }
}

/** Replaces a row's scores by eˢ⁻ˢʰⁱᶠᵗ, and by 0 from `count` to `columns`; returns their sum. */
export function exponentials(row: usize, shift: f32, count: usize, columns: usize): f32 {
  const shifts = f32x4.splat(shift);
  let sums = f32x4.splat(0);
  let at = row;
  for (const end = row + (((count + 3) & ~3) << 2); at < end; at += 16) {
    const weights = exp4(f32x4.sub(v128.load(at), shifts));
    v128.store(at, weights);
    sums = f32x4.add(sums, weights);
  }
  for (const end = row + (((columns + 3) & ~3) << 2); at < end; at += 16) v128.store(at, f32x4.splat(0));
  sums = f32x4.add(sums, v128.shuffle<f32>(sums, sums, 2, 3, 0, 1));
  return f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1);
}

/** Of four weights from key j (a multiple of 4) on: 1/(1 − p) for each that is kept, 0 for each that is dropped. */
@inline
export function kept4(p: usize, n: usize, h: usize, i: usize, j: usize): v128 {
  const numbers = philox4(<u32>(j >> 2), <u32>i, <u32>(n * word(p, 7) + h), 0, <u32>word(p, 31), <u32>word(p, 32));
  return v128.and(i32x4.ge_u(numbers, i32x4.splat(<i32>word(p, 33))), f32x4.splat(<f32>real(p, 1)));
}

/** Drops weights of a row, scaling those that stay. */
export function dropWeights(p: usize, row: usize, n: usize, h: usize, i: usize, j0: usize, count: usize): void {
  for (let j: usize = 0; j < count; j += 4) {
    const at = row + (j << 2);
    v128.store(at, f32x4.mul(v128.load(at), kept4(p, n, h, i, j0 + j)));
  }
}

/** Multiplies `count` floats by a factor. */
export function scaleRow(row: usize, count: usize, factor: f32): void {
  const factors = f32x4.splat(factor);
  const end = row + (count << 2);
  for (; row + 16 <= end; row += 16) v128.store(row, f32x4.mul(v128.load(row), factors));
  for (; row < end; row += 4) store<f32>(row, load<f32>(row) * factor);
}
