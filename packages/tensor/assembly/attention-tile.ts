/**
 * A tile of attention scores, up to 32 queries by 64 keys, in the scratch memory: what is done to it between the products.
 * Words of the block that both attention kernels share: 0 q, 1 k, 2 v, 3 out, 4 statistics [N, H, L, 2], 5 mask; 6 N, 7 H,
 * 8 L (queries), 9 S (keys), 10 E, 11 V (width of v), 12 query heads a key head; strides in elements along N, H and rows:
 * 13 of q, 16 of k, 19 of v, 22 of out; 25 mask strides along N, H, L, S; 29 mask kind (0 none, 1 bool, 2 float);
 * 30 causal; 31, 32 key of the dropped weights; 33 a random number below it drops; the last dimensions have stride 1.
 * Doubles: 0 scale of the scores, 1 scale of the weights that are kept.
 */
import { decay4 } from './math';
import { philox4 } from './philox';
import { real } from './strided';

export const QUERIES: usize = 32;
export const KEYS: usize = 64;
export const TILE_ROW: usize = KEYS << 2;
export const TILE_BYTES: usize = QUERIES * TILE_ROW;

const NO_MASK: usize = 0;
const BOOL_MASK: usize = 1;
const NUMBER_MASK: usize = 2;

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

/** Address of what the mask has for query i and the keys from j on. */
@inline
function maskOf(p: usize, n: usize, h: usize, i: usize, j: usize): usize {
  const element = n * word(p, 25) + h * word(p, 26) + i * word(p, 27) + j * word(p, 28);
  return word(p, 5) + (word(p, 29) == BOOL_MASK ? element : element << 2);
}

/**
 * Writes for each of the queries from i0 on how many keys come before those that causality or the mask hides to the end, and
 * returns the most of them: tiles behind are never computed.
 */
export function countKeys(p: usize, n: usize, h: usize, i0: usize, rows: usize, counts: usize): usize {
  let most: usize = 0;
  for (let r: usize = 0; r < rows; r++) {
    let count = word(p, 30) != 0 ? min(word(p, 9), i0 + r + 1) : word(p, 9);
    if (word(p, 29) != NO_MASK) count = openKeys(p, maskOf(p, n, h, i0 + r, 0), count);
    store<u32>(counts + (r << 2), <u32>count);
    most = max(most, count);
  }
  return most;
}

function openKeys(p: usize, mask: usize, count: usize): usize {
  const step = word(p, 28);
  if (word(p, 29) == BOOL_MASK) {
    while (count != 0 && load<u8>(mask + (count - 1) * step) == 0) count--;
    return count;
  }
  const hidden = f32x4.splat(-Infinity);
  while (count != 0 && load<f32>(mask + (((count - 1) * step) << 2)) == -Infinity) {
    count--;
    if (step == 1) while (count >= 4 && i32x4.all_true(f32x4.eq(v128.load(mask + ((count - 4) << 2)), hidden))) count -= 4;
  }
  return count;
}

/** Takes a mask of numbers that says what causality says, 0 up to a query's own place and −∞ behind it, for causality. */
export function takeForCausal(p: usize): void {
  if (word(p, 29) != NUMBER_MASK || (word(p, 25) | word(p, 26)) != 0 || word(p, 28) != 1) return;
  for (let i: usize = 0; i < word(p, 8); i++) {
    const row = maskOf(p, 0, 0, i, 0), count = min(i + 1, word(p, 9));
    if (openKeys(p, row, word(p, 9)) != count || !isZero(row, count)) return;
  }
  store<u32>(p + (29 << 2), NO_MASK);
  store<u32>(p + (30 << 2), 1);
}

function isZero(at: usize, count: usize): bool {
  for (; count >= 4; count -= 4, at += 16) if (v128.any_true(v128.load(at))) return false;
  for (; count != 0; count--, at += 4) if (load<u32>(at) != 0) return false;
  return true;
}

/** How many keys of the tile from j0 on the r-th query sees. */
@inline
export function seenKeys(counts: usize, r: usize, j0: usize, columns: usize): usize {
  const count = <usize>load<u32>(counts + (r << 2));
  return count < j0 ? 0 : min(columns, count - j0);
}

/**
 * Turns products into scores: scales them, adds the mask, puts −∞ behind the last visible key up to a multiple of four.
 * Query i, `count` visible keys from j0 on, `spare` room for a tile's row; returns the largest score.
 */
export function finishScores(p: usize, row: usize, n: usize, h: usize, i: usize, j0: usize, count: usize, spare: usize): f32 {
  for (let j = count; (j & 3) != 0; j++) store<f32>(row + (j << 2), -Infinity);
  const kind = word(p, 29);
  if (kind == NO_MASK) return addMask(false, row, (count + 3) & ~3, <f32>real(p, 0), 0);
  let mask = maskOf(p, n, h, i, j0);
  if (kind == BOOL_MASK || word(p, 28) != 1) {
    copyMask(kind, mask, word(p, 28), count, spare);
    mask = spare;
  }
  return addMask(true, row, count, <f32>real(p, 0), mask);
}

@inline
function addMask(masked: bool, row: usize, count: usize, scale: f32, mask: usize): f32 {
  const scales = f32x4.splat(scale);
  let most = f32x4.splat(-Infinity);
  let at: usize = 0;
  for (const end = (count & ~3) << 2; at < end; at += 16) {
    let scores = f32x4.mul(v128.load(row + at), scales);
    if (masked) scores = f32x4.add(scores, v128.load(mask + at));
    v128.store(row + at, scores);
    most = f32x4.pmax(most, scores);
  }
  if (masked) {
    for (const end = count << 2; at < end; at += 4) {
      const score = load<f32>(row + at) * scale + load<f32>(mask + at);
      store<f32>(row + at, score);
      most = f32x4.pmax(most, f32x4.splat(score));
    }
  }
  most = f32x4.pmax(most, v128.shuffle<f32>(most, most, 2, 3, 0, 1));
  return max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1));
}

/** A row of the mask as numbers that lie behind each other. */
function copyMask(kind: usize, mask: usize, step: usize, count: usize, to: usize): void {
  for (let j: usize = 0; j < count; j++, to += 4) {
    if (kind == BOOL_MASK) store<f32>(to, load<u8>(mask + j * step) != 0 ? 0 : -Infinity);
    else store<f32>(to, load<f32>(mask + ((j * step) << 2)));
  }
}

/** Replaces a row's scores by factor·eˢ⁻ˢʰⁱᶠᵗ, and by 0 from `count` to `columns`; returns their sum. */
export function exponentials(row: usize, shift: f32, factor: f32, count: usize, columns: usize): f32 {
  const shifts = f32x4.splat(shift), factors = f32x4.splat(factor);
  let sums = f32x4.splat(0);
  let at = row;
  for (const end = row + (((count + 3) & ~3) << 2); at < end; at += 16) {
    const weights = f32x4.mul(decay4(f32x4.sub(v128.load(at), shifts)), factors);
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

/** Sets rows of `width` floats, `step` bytes apart, to 0. */
export function clearRows(row: usize, step: usize, rows: usize, width: usize): void {
  const zero = f32x4.splat(0);
  for (; rows != 0; rows--, row += step) {
    let at = row;
    for (const end = row + ((width & ~3) << 2); at < end; at += 16) v128.store(at, zero);
    for (const end = row + (width << 2); at < end; at += 4) store<f32>(at, 0);
  }
}

/** Multiplies `count` floats by a factor. */
export function scaleRow(row: usize, count: usize, factor: f32): void {
  const factors = f32x4.splat(factor);
  const end = row + (count << 2);
  for (; row + 16 <= end; row += 16) v128.store(row, f32x4.mul(v128.load(row), factors));
  for (; row < end; row += 4) store<f32>(row, load<f32>(row) * factor);
}
