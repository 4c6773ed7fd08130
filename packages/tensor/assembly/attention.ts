/**
 * Scaled dot-product attention, tile by tile with an online softmax, so that the weights never stand in memory as a whole
 * (Rabe & Staats 2021; Dao et al. 2022): softmax(scale·Q·Kᵀ + mask)·V for each batch and head.
 * Block words and doubles: attention-tile.ts. Writes out, and of each query the largest score and 1/Σ eˢ⁻ˡᵃʳᵍᵉˢᵗ; a query that
 * may see no key gets zeros, −∞ and 0.
 */
import {
  clearRows, countKeys, dropWeights, exponentials, finishScores, KEYS, matrixOf, QUERIES, scaleRow, seenKeys, statisticsOf, takeForCausal,
  TILE_BYTES, TILE_ROW, word,
} from './attention-tile';
import { multiply } from './gemm-blocks';
import { decay4 } from './math';
import { workAddress, zeros } from './scratch';

export function attention(p: usize): void {
  takeForCausal(p);
  for (let n: usize = 0; n < word(p, 6); n++) {
    for (let h: usize = 0; h < word(p, 7); h++) {
      for (let i: usize = 0; i < word(p, 8); i += QUERIES) attendRows(p, n, h, i, min(word(p, 8) - i, QUERIES));
    }
  }
}

/** Queries i0 … i0 + rows − 1 of one head over the keys they see. Running maximum and sum of each row stand behind the tile. */
function attendRows(p: usize, n: usize, h: usize, i0: usize, rows: usize): void {
  const keyHead = h / word(p, 12);
  const width = word(p, 11);
  const q = matrixOf(p, 0, 13, n, h) + ((i0 * word(p, 15)) << 2);
  const k = matrixOf(p, 1, 16, n, keyHead), v = matrixOf(p, 2, 19, n, keyHead);
  const kRow = word(p, 18) << 2, vRow = word(p, 21) << 2, outRow = word(p, 24) << 2;
  const out = matrixOf(p, 3, 22, n, h) + i0 * outRow;
  const tile = workAddress(), most = tile + TILE_BYTES, total = most + TILE_ROW, counts = total + TILE_ROW;
  const spare = counts + TILE_ROW, work = spare + TILE_ROW;
  for (let r: usize = 0; r < rows; r++) {
    store<f32>(most + (r << 2), -Infinity);
    store<f32>(total + (r << 2), 0);
  }
  const end = countKeys(p, n, h, i0, rows, counts);
  if (end == 0) clearRows(out, outRow, rows, width);
  for (let j: usize = 0; j < end; j += KEYS) {
    const columns = min(end - j, KEYS);
    multiply(
      rows, columns, word(p, 10), q, word(p, 15) << 2, 4, k + j * kRow, 4, kRow, zeros(), 0, 0, tile, TILE_ROW, work,
    );
    for (let r: usize = 0; r < rows; r++) {
      const row = tile + r * TILE_ROW, count = seenKeys(counts, r, j, columns);
      const largest = finishScores(p, row, n, h, i0 + r, j, count, spare);
      const fade = weighRow(row, largest, count, columns, most + (r << 2), total + (r << 2));
      if (j != 0 && fade != 1) scaleRow(out + r * outRow, width, fade);
      if (word(p, 33) != 0) dropWeights(p, row, n, h, i0 + r, j, count);
    }
    const init = j == 0 ? zeros() : out, initRow: usize = j == 0 ? 0 : outRow;
    multiply(rows, width, columns, tile, TILE_ROW, 4, v + j * vRow, vRow, 4, init, initRow, j == 0 ? 0 : 4, out, outRow, work);
  }
  for (let r: usize = 0; r < rows; r++) {
    const sum = load<f32>(total + (r << 2));
    const inverse: f32 = sum == 0 ? 0 : 1 / sum;
    scaleRow(out + r * outRow, width, inverse);
    const statistics = statisticsOf(p, n, h, i0 + r);
    store<f32>(statistics, load<f32>(most + (r << 2)));
    store<f32>(statistics + 4, inverse);
  }
}

/** Scores of one row become weights relative to the largest score so far; returns what brings those summed before to it. */
function weighRow(row: usize, largest: f32, count: usize, columns: usize, most: usize, total: usize): f32 {
  const before = load<f32>(most);
  largest = max(before, largest);
  const shift: f32 = largest == -Infinity ? 0 : largest;
  const sum = exponentials(row, shift, 1, count, columns);
  const fade: f32 = before == -Infinity ? 0 : f32x4.extract_lane(decay4(f32x4.splat(before - shift)), 0);
  store<f32>(most, largest);
  store<f32>(total, load<f32>(total) * fade + sum);
  return fade;
}
