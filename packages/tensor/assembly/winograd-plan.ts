/** Which convolutions are computed by Winograd's filtering, and in which pieces: by their shapes only. */
import { batch, dilationH, dilationW, kernelHeight, kernelWidth, strideH, strideW } from './conv-geometry';

/** Squares of 4 × 4 results and of the 6 × 6 inputs that they need; a square has 36 transformed values. */
export const TILE_SIZE: usize = 4;
export const VALUES: usize = 36;
/** Between matrices: so that the values of a tile fall into different cache sets. */
export const MATRIX_GAP: usize = 64;

/** With fewer channels the transforms cost more than they save. */
const CHANNELS_MIN: usize = 8;
/** With fewer tiles the transforms of the filters count, and little is saved for what it costs in accuracy. */
const TILES_MIN: usize = 64;
/** Of the 16 results of a tile that many must be wanted on average. */
const RESULTS_MIN: usize = 6;
/** What may be at work at a time: transformed filters, and transformed tiles on both sides of the products. */
const FILTERS_BYTES: usize = 1 << 20;
const TILES_BYTES: usize = 2 << 20;
const TILES_MAX: usize = 64;

/** Whether `results` planes of the given size, out of `sources` planes, are computed in tiles. */
export function takesTiles(sources: usize, results: usize, height: usize, width: usize): bool {
  const isPlain = strideH == 1 && strideW == 1 && dilationH == 1 && dilationW == 1;
  if (!isPlain || kernelHeight != 3 || kernelWidth != 3 || min(sources, results) < CHANNELS_MIN) return false;
  const across = tilesAlong(width);
  const tiles = tilesAlong(height) * across;
  const filters = filtersAtOnce(sources, results);
  return batch * tiles >= TILES_MIN && height * width >= RESULTS_MIN * tiles &&
    filters >= CHANNELS_MIN && across <= tilesAtOnce(sources, filters);
}

@inline
export function tilesAlong(size: usize): usize {
  return (size + TILE_SIZE - 1) / TILE_SIZE;
}

export function filtersAtOnce(channels: usize, filters: usize): usize {
  return min(filters, FILTERS_BYTES / ((VALUES * channels) << 2));
}

export function tilesAtOnce(channels: usize, filters: usize): usize {
  return min(TILES_MAX, TILES_BYTES / ((VALUES * (channels + filters)) << 2));
}
