/**
 * Gradient of attention.ts, with the weights computed again tile by tile (Dao et al. 2022), from the largest score and the sum of
 * each query apart: their common logarithm would be rounded as a whole, and the weights of a query not sum up to 1. With
 * P = softmax(…), P̂ = P after dropping, D = rows of Σ dO∘O:  dV = P̂ᵀ·dO,  dP̂ = dO·Vᵀ,
 * dS = scale·P∘(dropping(dP̂) − D),  dQ = dS·K,  dK = dSᵀ·Q.
 * Words beside those of attention-tile.ts: 34 dO, 38 dQ, 42 dK, each followed by its strides; 46 dV, its strides at 56. Words
 * 48 to 55 belong to strided.ts.
 */
import {
  clearRows, countKeys, exponentials, finishScores, kept4, KEYS, matrixOf, QUERIES, seenKeys, statisticsOf, takeForCausal, TILE_BYTES,
  TILE_ROW, word,
} from './attention-tile';
import { multiply } from './gemm-blocks';
import { workAddress, zeros } from './scratch';
import { real } from './strided';

export function attentionGrad(p: usize): void {
  takeForCausal(p);
  for (let n: usize = 0; n < word(p, 6); n++) {
    for (let h: usize = 0; h < word(p, 7); h++) {
      if (h % word(p, 12) == 0) clearKeys(p, n, h / word(p, 12));
      for (let i: usize = 0; i < word(p, 8); i += QUERIES) addRows(p, n, h, i, min(word(p, 8) - i, QUERIES));
    }
  }
}

/** dK and dV of one head, which several heads of queries may add to. */
function clearKeys(p: usize, n: usize, keyHead: usize): void {
  clearRows(matrixOf(p, 42, 43, n, keyHead), word(p, 45) << 2, word(p, 9), word(p, 10));
  clearRows(matrixOf(p, 46, 56, n, keyHead), word(p, 58) << 2, word(p, 9), word(p, 11));
}

/** What queries i0 … i0 + rows − 1 of one head add to all gradients. Behind two tiles stand D and the visible keys of each. */
function addRows(p: usize, n: usize, h: usize, i0: usize, rows: usize): void {
  const sums = workAddress() + 2 * TILE_BYTES, counts = sums + TILE_ROW;
  const end = countKeys(p, n, h, i0, rows, counts);
  const whole = end <= KEYS && word(p, 33) == 0;
  if (!whole) sumProducts(p, n, h, i0, rows, sums);
  const dqRow = word(p, 41) << 2;
  if (end == 0) clearRows(matrixOf(p, 38, 39, n, h) + i0 * dqRow, dqRow, rows, word(p, 10));
  for (let j: usize = 0; j < end; j += KEYS) addTile(p, n, h, i0, rows, j, min(end - j, KEYS), whole);
}

/** D of each row: Σ dO∘O. */
function sumProducts(p: usize, n: usize, h: usize, i0: usize, rows: usize, sums: usize): void {
  const width = word(p, 11), outRow = word(p, 24) << 2, gradRow = word(p, 37) << 2;
  let out = matrixOf(p, 3, 22, n, h) + i0 * outRow, grad = matrixOf(p, 34, 35, n, h) + i0 * gradRow;
  for (let r: usize = 0; r < rows; r++, out += outRow, grad += gradRow) {
    let sum: f64 = 0;
    for (let at: usize = 0; at < width << 2; at += 4) sum += <f64>load<f32>(out + at) * <f64>load<f32>(grad + at);
    store<f64>(sums + (r << 3), sum);
  }
}

/** `whole`: the tile holds all weights of its rows, none dropped, so that D is taken from them. */
function addTile(p: usize, n: usize, h: usize, i: usize, rows: usize, j: usize, columns: usize, whole: bool): void {
  const keyHead = h / word(p, 12);
  const e = word(p, 10), width = word(p, 11);
  const qRow = word(p, 15) << 2, kRow = word(p, 18) << 2, vRow = word(p, 21) << 2, gRow = word(p, 37) << 2;
  const dqRow = word(p, 41) << 2, dkRow = word(p, 45) << 2, dvRow = word(p, 58) << 2;
  const q = matrixOf(p, 0, 13, n, h) + i * qRow, grad = matrixOf(p, 34, 35, n, h) + i * gRow;
  const k = matrixOf(p, 1, 16, n, keyHead) + j * kRow, v = matrixOf(p, 2, 19, n, keyHead) + j * vRow;
  const dq = matrixOf(p, 38, 39, n, h) + i * dqRow;
  const dk = matrixOf(p, 42, 43, n, keyHead) + j * dkRow, dv = matrixOf(p, 46, 56, n, keyHead) + j * dvRow;
  const weights = workAddress(), slopes = weights + TILE_BYTES;
  const sums = slopes + TILE_BYTES, counts = sums + TILE_ROW, spare = counts + TILE_ROW, work = spare + TILE_ROW;
  multiply(rows, columns, e, q, qRow, 4, k, 4, kRow, zeros(), 0, 0, weights, TILE_ROW, work);
  multiply(rows, columns, width, grad, gRow, 4, v, 4, vRow, zeros(), 0, 0, slopes, TILE_ROW, work);
  for (let r: usize = 0; r < rows; r++) {
    const row = weights + r * TILE_ROW, slope = slopes + r * TILE_ROW;
    slopesOfRow(p, n, h, i + r, j, seenKeys(counts, r, j, columns), columns, row, slope, spare, whole, load<f64>(sums + (r << 3)));
  }
  multiply(columns, width, rows, weights, 4, TILE_ROW, grad, gRow, 4, dv, dvRow, 4, dv, dvRow, work);
  const init = j == 0 ? zeros() : dq, initRow: usize = j == 0 ? 0 : dqRow;
  multiply(rows, e, columns, slopes, TILE_ROW, 4, k, kRow, 4, init, initRow, j == 0 ? 0 : 4, dq, dqRow, work);
  multiply(columns, e, rows, slopes, 4, TILE_ROW, q, qRow, 4, dk, dkRow, 4, dk, dkRow, work);
}

/** One row: products become weights P̂, and dP̂ becomes dS; `sum` is D unless the tile is whole. */
function slopesOfRow(
  p: usize, n: usize, h: usize, i: usize, j0: usize, count: usize, columns: usize, row: usize, slopes: usize, spare: usize,
  whole: bool, sum: f64,
): void {
  const statistics = statisticsOf(p, n, h, i);
  const most = load<f32>(statistics);
  finishScores(p, row, n, h, i, j0, count, spare);
  // The scores of a row that sees nothing are all −∞, and any finite shift makes its weights 0.
  exponentials(row, most == -Infinity ? 0 : most, load<f32>(statistics + 4), count, columns);
  const mean = whole ? meanSlope(row, slopes, columns) : sum;
  const high = f32x4.splat(<f32>mean), low = f32x4.splat(<f32>(mean - <f64><f32>mean));
  const scale = f32x4.splat(<f32>real(p, 0));
  const drops = word(p, 33) != 0;
  for (let j: usize = 0; j < columns; j += 4, row += 16, slopes += 16) {
    const weights = v128.load(row);
    let slope = v128.load(slopes);
    if (drops) {
      const kept = kept4(p, n, h, i, j0 + j);
      slope = f32x4.mul(slope, kept);
      v128.store(row, f32x4.mul(weights, kept));
    }
    v128.store(slopes, f32x4.mul(f32x4.mul(weights, f32x4.sub(f32x4.sub(slope, high), low)), scale));
  }
}

/**
 * D of a row of which one tile holds all keys, from the very weights that it is for: so the slopes of the row sum up to 0 almost
 * exactly, and what is added to all keys gets no gradient out of rounding.
 */
function meanSlope(weights: usize, slopes: usize, columns: usize): f64 {
  for (let j = columns; (j & 3) != 0; j++) store<f32>(slopes + (j << 2), 0); // of no key
  let products = f64x2.splat(0), more = f64x2.splat(0), sums = f64x2.splat(0), others = f64x2.splat(0);
  for (let at: usize = 0; at < columns << 2; at += 16) {
    const w = v128.load(weights + at), slope = v128.load(slopes + at);
    const low = f64x2.promote_low_f32x4(w);
    const high = f64x2.promote_low_f32x4(v128.shuffle<f32>(w, w, 2, 3, 0, 1));
    sums = f64x2.add(sums, low);
    others = f64x2.add(others, high);
    products = f64x2.add(products, f64x2.mul(low, f64x2.promote_low_f32x4(slope)));
    const behind = f64x2.promote_low_f32x4(v128.shuffle<f32>(slope, slope, 2, 3, 0, 1));
    more = f64x2.add(more, f64x2.mul(high, behind));
  }
  sums = f64x2.add(sums, others);
  products = f64x2.add(products, more);
  const total = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  return total == 0 ? 0 : (f64x2.extract_lane(products, 0) + f64x2.extract_lane(products, 1)) / total;
}
