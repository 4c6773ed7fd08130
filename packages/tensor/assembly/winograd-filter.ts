/** Filters of 3 × 3 and their transforms of 6 × 6, four at once. */
import { workAddress } from './scratch';
import { filterGradientLine, filterLine } from './winograd-line';

/** Between two lines of half transformed filters, at the start of the working memory. */
const LINE: usize = 6 << 4;
export const FILTER_WORK_BYTES: usize = 512;

/**
 * G·w·Gᵀ of [count, channels] filters, as matrices of a row for each channel, `row` and `matrix` bytes apart; rows have
 * room for `count` rounded up to 4. From filter to filter, channel to channel and tap to tap the steps are given: taps in
 * reverse turn a filter.
 */
export function transformFilters(
  filters: usize, filterStep: usize, channelStep: usize, tapStep: usize, count: usize, channels: usize,
  to: usize, row: usize, matrix: usize,
): void {
  for (let channel: usize = 0; channel < channels; channel++) {
    for (let filter: usize = 0; filter < count; filter += 4) {
      const last = count - 1 - filter;
      transformFilter(
        filters + filter * filterStep, min<usize>(1, last) * filterStep, min<usize>(2, last) * filterStep,
        min<usize>(3, last) * filterStep, tapStep, to + (filter << 2), matrix,
      );
    }
    filters += channelStep;
    to += row;
  }
}

/** The filters at w and three distances from there. */
function transformFilter(w: usize, w1: usize, w2: usize, w3: usize, tap: usize, to: usize, step: usize): void {
  const lines = workAddress();
  for (let line = lines; line < lines + 3 * LINE; line += LINE) {
    filterLine(gather(w, w1, w2, w3), gather(w + tap, w1, w2, w3), gather(w + 2 * tap, w1, w2, w3), line, 16);
    w += 3 * tap;
  }
  for (let line = lines; line < lines + LINE; line += 16) {
    filterLine(v128.load(line), v128.load(line, LINE), v128.load(line, 2 * LINE), to, step);
    to += 6 * step;
  }
}

@inline
function gather(w: usize, w1: usize, w2: usize, w3: usize): v128 {
  const low = v128.load32_lane(w + w1, v128.load32_zero(w), 1);
  return v128.load32_lane(w + w3, v128.load32_lane(w + w2, low, 2), 3);
}

/**
 * Gᵀ·m·G of [count, channels] sums, matrices with rows of `rowBytes`, `matrix` bytes apart: writes the gradients of the
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
  for (let line = lines; line < lines + LINE; line += 16) {
    filterGradientLine(
      v128.load(from), v128.load(from + step), v128.load(from + 2 * step), v128.load(from + 3 * step),
      v128.load(from + 4 * step), v128.load(from + 5 * step), line, LINE,
    );
    from += 6 * step;
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
