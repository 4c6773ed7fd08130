/** Which convolutions are computed by Winograd's filtering, and in which pieces: by their shapes only. */
import {
  batch, dilationH, dilationW, kernelHeight, kernelWidth, outWidth, strideH, strideW, width as inputWidth,
} from './conv-geometry';
import { TILE_COLUMNS } from './gemm-tile';

/** Squares of 4 × 4 results and of the 6 × 6 inputs that they need; a square has 36 transformed values. */
export const TILE_SIZE: usize = 4;
export const VALUES: usize = 36;
/**
 * Each of the values is a matrix over channels and tiles. They lie so many bytes apart: an odd number of cache lines, so that
 * the values of a tile fall into different sets, and a constant, so that their addresses need no arithmetic.
 */
const MATRIX_FLOATS: usize = 4096;
export const MATRIX_GAP: usize = 64;
export const MATRIX: usize = (MATRIX_FLOATS << 2) + MATRIX_GAP;
/** The matrices of a square's values are ordered column by column: from a value to the next in its line. */
export const DOWN: usize = 6 * MATRIX;
/** In the last line of each, which belongs to none: room for half transformed tiles. */
export const HALFWAY: usize = MATRIX_FLOATS << 2;

/** With fewer channels the transforms cost more than they save. */
const CHANNELS_MIN: usize = 8;
/** Columns are transformed four at a time. */
const WIDTH_MIN: usize = 4;
/** With fewer tiles the transforms of the filters count, and little is saved for what it costs in accuracy. */
const TILES_MIN: usize = 64;
/** Of the 16 results of a tile that many must be wanted on average. */
const RESULTS_MIN: usize = 7;
/** What may be at work at a time. */
const FILTERS_BYTES: usize = 1 << 20;
const CHANNELS_MAX: usize = MATRIX_FLOATS / TILE_COLUMNS;
const TILES_MAX: usize = 128;
/** Room for a line of the inputs of TILES_MAX tiles, and of a strip of them, each row with two inputs more. */
export const LINE_BYTES: usize = (TILES_MAX * TILE_SIZE + 16) << 2;
export const STRIP: usize = (TILES_MAX * (TILE_SIZE + 2)) << 2;

/** Whether `results` planes of the given size, out of `sources` planes, are computed in tiles. */
export function takesTiles(sources: usize, results: usize, height: usize, width: usize): bool {
  const isPlain = strideH == 1 && strideW == 1 && dilationH == 1 && dilationW == 1;
  if (!isPlain || kernelHeight != 3 || kernelWidth != 3 || min(sources, results) < CHANNELS_MIN) return false;
  if (min<usize>(inputWidth, outWidth) < WIDTH_MIN) return false;
  const across = tilesAlong(width);
  const tiles = tilesAlong(height) * across;
  return batch * tiles >= TILES_MIN && height * width >= RESULTS_MIN * tiles && sources <= CHANNELS_MAX &&
    across <= tilesAtOnce(sources, filtersAtOnce(sources, results));
}

@inline
export function tilesAlong(size: usize): usize {
  return (size + TILE_SIZE - 1) / TILE_SIZE;
}

export function filtersAtOnce(channels: usize, filters: usize): usize {
  return min(min(filters, CHANNELS_MAX), FILTERS_BYTES / ((VALUES * channels) << 2));
}

export function tilesAtOnce(channels: usize, filters: usize): usize {
  return min(TILES_MAX, (MATRIX_FLOATS / ((max(channels, filters) + 7) & ~7)) & ~7);
}
