/**
 * The pixels of a block for the gradient of the weight: runs of 4 side by side, and singles where a row has no room for another
 * run. Singles are gathered, with zeros after the last one, into rows that are again runs.
 */
import { outChannels, outHeight, outSize, outWidth, strideH } from './conv-geometry';
import { blockColumns, blockRows, windowImageBytes, windowRowBytes } from './conv-window';
import { nextTileRows } from './gemm-tile';

/** Where the runs lie in the window and in a plane of gy, and after them the singles. */
export let xPlaces: usize = 0;
let gyPlaces: usize = 0;
export let runs: usize = 0;
let singles: usize = 0;
/** How many a row has. */
let singleColumns: usize = 0;

/** Begins lists with room for so many pixels at `at`. */
export function openPixels(at: usize, pixels: usize): void {
  xPlaces = at;
  gyPlaces = at + (pixels << 2);
}

/** Lists the pixels of the block at an output pixel, in so many images. */
export function writePixels(images: usize, row: usize, column: usize): void {
  const rows = min(blockRows, outHeight - row), columns = min(blockColumns, outWidth - column);
  const runColumns = columns & ~3;
  let count: usize = 0;
  for (let image: usize = 0; image < images; image++) {
    for (let r: usize = 0; r < rows; r++) {
      for (let c: usize = 0; c < runColumns; c += 4) writePixel(count++, image, r, c, row, column);
    }
  }
  runs = count;
  for (let image: usize = 0; image < images; image++) {
    for (let r: usize = 0; r < rows; r++) {
      for (let c = runColumns; c < columns; c++) writePixel(count++, image, r, c, row, column);
    }
  }
  singles = count - runs;
  singleColumns = columns - runColumns;
}

function writePixel(i: usize, image: usize, r: usize, c: usize, row: usize, column: usize): void {
  store<u32>(xPlaces + (i << 2), image * windowImageBytes + r * strideH * windowRowBytes + (c << 2));
  store<u32>(gyPlaces + (i << 2), (image * outChannels * outSize + (row + r) * outWidth + column + c) << 2);
}

/** Runs that the singles make. */
@inline
export function singleRuns(): usize {
  return (singles + 3) >> 2;
}

/** Panels of gy as sumPair reads them, of heights that follow nextTileRows. */
export function packGradients(gy: usize, filters: usize, to: usize): void {
  while (filters != 0) {
    const rows = nextTileRows(filters);
    for (let i: usize = 0; i < rows; i++, gy += outSize << 2) {
      copyRuns(gy, to + (i << 4), rows << 4);
      gatherSingles(gy, gyPlaces, to + ((runs * rows + i) << 4), rows << 4);
    }
    to += (rows * (runs + singleRuns())) << 4;
    filters -= rows;
  }
}

function copyRuns(gy: usize, to: usize, step: usize): void {
  for (let at = gyPlaces, end = at + (runs << 2); at < end; at += 4, to += step) {
    v128.store(to, v128.load(gy + load<u32>(at)));
  }
}

/** The singles of a window or of a plane of gy, four to every `step` bytes. */
export function gatherSingles(from: usize, places: usize, to: usize, step: usize): void {
  let at = places + (runs << 2);
  if ((singleColumns & 1) == 0) {
    // They come in twos.
    for (const end = at + ((singles & ~3) << 2); at < end; at += 16, to += step) {
      store<u64>(to, load<u64>(from + load<u32>(at)));
      store<u64>(to, load<u64>(from + load<u32>(at, 8)), 8);
    }
  }
  for (const end = places + ((runs + (singles & ~3)) << 2); at < end; at += 16, to += step) {
    store<f32>(to, load<f32>(from + load<u32>(at)));
    store<f32>(to, load<f32>(from + load<u32>(at, 4)), 4);
    store<f32>(to, load<f32>(from + load<u32>(at, 8)), 8);
    store<f32>(to, load<f32>(from + load<u32>(at, 12)), 12);
  }
  if ((singles & 3) == 0) return;
  v128.store(to, f32x4.splat(0));
  for (const end = at + ((singles & 3) << 2); at < end; at += 4, to += 4) store<f32>(to, load<f32>(from + load<u32>(at)));
}
