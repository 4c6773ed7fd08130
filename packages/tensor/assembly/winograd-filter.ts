/** Filters of 3 × 3 and their transforms of 6 × 6, four channels at once. */
import { packA } from './gemm-pack';
import { nextTileRows } from './gemm-tile';
import { workAddress } from './scratch';
import { filterGradientLine, filterLine } from './winograd-line';
import { VALUES } from './winograd-plan';

const LINE: usize = 6 << 4;

/**
 * G·w·Gᵀ of [count, channels] filters, as VALUES matrices in the panels of packA, `matrix` bytes apart. From filter to filter,
 * channel to channel and tap to tap the steps in bytes are given: taps in reverse turn a filter. `work` is room for the
 * matrices of one panel before they are packed.
 */
export function transformFilters(
  filters: usize, filterStep: usize, channelStep: usize, tapStep: usize, count: usize, channels: usize,
  to: usize, matrix: usize, work: usize,
): void {
  const rowBytes = ((channels + 3) & ~3) << 2;
  while (count != 0) {
    const rows = nextTileRows(count);
    const plain = rows * rowBytes;
    for (let row: usize = 0; row < rows; row++) {
      for (let channel: usize = 0; channel < channels; channel += 4) {
        const last = channels - 1 - channel;
        transformFilter(
          filters + channel * channelStep, min<usize>(1, last) * channelStep, min<usize>(2, last) * channelStep,
          min<usize>(3, last) * channelStep, tapStep, work + row * rowBytes + (channel << 2), plain,
        );
      }
      filters += filterStep;
    }
    for (let i: usize = 0; i < VALUES; i++) packA(work + i * plain, rowBytes, 4, rows, channels, to + i * matrix);
    to += (rows * channels) << 2;
    count -= rows;
  }
}

/** The filters of four channels, at w and three distances from there. */
function transformFilter(w: usize, w1: usize, w2: usize, w3: usize, tap: usize, to: usize, step: usize): void {
  const lines = workAddress();
  for (let line = lines; line < lines + 3 * LINE; line += LINE) {
    filterLine(
      gather(w, w1, w2, w3), gather(w + tap, w1, w2, w3), gather(w + 2 * tap, w1, w2, w3), line, 16,
    );
    w += 3 * tap;
  }
  for (let line = lines; line < lines + LINE; line += 16) {
    filterLine(v128.load(line), v128.load(line, LINE), v128.load(line, 2 * LINE), to, 6 * step);
    to += step;
  }
}

@inline
function gather(w: usize, w1: usize, w2: usize, w3: usize): v128 {
  const low = v128.load32_lane(w + w1, v128.load32_zero(w), 1);
  return v128.load32_lane(w + w3, v128.load32_lane(w + w2, low, 2), 3);
}

/**
 * Gᵀ·m·G of [count, channels] sums, VALUES matrices with rows of `rowBytes`, `matrix` bytes apart: writes the gradients of the
 * filters, or adds them to what is there.
 */
export function transformFilterGradients(
  from: usize, rowBytes: usize, matrix: usize, count: usize, channels: usize, filters: usize, add: bool,
): void {
  const taps = workAddress() + 3 * LINE;
  for (let row: usize = 0; row < count; row++) {
    for (let channel: usize = 0; channel < channels; channel += 4) {
      transformFilterGradient(from + row * rowBytes + (channel << 2), matrix, taps);
      const lanes = min(channels - channel, 4);
      for (let lane: usize = 0; lane < lanes; lane++) {
        writeTaps(taps + (lane << 2), filters, add);
        filters += 36;
      }
    }
  }
}

function transformFilterGradient(from: usize, step: usize, to: usize): void {
  const lines = workAddress();
  const down = 6 * step;
  for (let line = lines; line < lines + LINE; line += 16) {
    filterGradientLine(
      v128.load(from), v128.load(from + down), v128.load(from + 2 * down), v128.load(from + 3 * down),
      v128.load(from + 4 * down), v128.load(from + 5 * down), line, LINE,
    );
    from += step;
  }
  for (let line = lines; line < lines + 3 * LINE; line += LINE) {
    filterGradientLine(
      v128.load(line), v128.load(line, 16), v128.load(line, 32), v128.load(line, 48), v128.load(line, 64),
      v128.load(line, 80), to, 16,
    );
    to += 48;
  }
}

/** One lane of nine vectors. */
function writeTaps(from: usize, to: usize, add: bool): void {
  for (let tap: usize = 0; tap < 9; tap++) {
    const value = load<f32>(from + (tap << 4));
    store<f32>(to, add ? load<f32>(to) + value : value);
    to += 4;
  }
}
