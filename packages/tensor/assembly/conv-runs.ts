/**
 * The pixels of a block as tiles take them: pairs of runs, which are 4 pixels side by side, and groups of 8 single pixels where
 * a row has no room for another run. A pair has offsets into the window and into the result, its first tap and its number of
 * taps; a group has 8 offsets into each. The kernel rows that lie in the padding of both runs of a pair are left out.
 */
import {
  dilationH, groupChannels, height, kernelHeight, kernelWidth, outChannels, outHeight, outWidth, padH, resultPlaneStep,
  resultRowStep, resultStep, strideH,
} from './conv-geometry';
import { blockColumns, blockRows, windowImageBytes, windowRowBytes } from './conv-window';

export const BLOCK_PIXELS: usize = 4096;
export const PAIR_BYTES: usize = 24;
export const GROUP_PIXELS: usize = 8;
export const GROUP_BYTES: usize = 64;
/** Room for the pairs and groups of a block, whatever its width. */
export const RUNS_BYTES: usize = (BLOCK_PIXELS + GROUP_PIXELS) * (GROUP_BYTES / GROUP_PIXELS);

export let pairs: usize = 0;
export let pairsEnd: usize = 0;
export let groupsEnd: usize = 0;

/** What the lists are of. */
let images: usize = 0;
let row: usize = 0;
let column: usize = 0;
let overlap: bool = false;

/** Begins the lists of a convolution, at an address with room for RUNS_BYTES. */
export function openRuns(at: usize): void {
  pairs = at;
  images = 0;
}

/**
 * Lists the pixels of so many images of the block at an output pixel, unless they are listed; with `overlaps` the last run
 * of a row begins in the one before it. Says whether the block has moved.
 */
export function moveRuns(toImages: usize, toRow: usize, toColumn: usize, overlaps: bool): bool {
  const moves = images == 0 || row != toRow || column != toColumn;
  if (!moves && images == toImages && overlap == overlaps) return false;
  images = toImages;
  row = toRow;
  column = toColumn;
  overlap = overlaps;
  writeRuns();
  return moves;
}

function writeRuns(): void {
  const rows = min(blockRows, outHeight - row), columns = min(blockColumns, outWidth - column);
  const runColumns = overlap && columns > 4 ? columns : columns & ~3;
  let runs: usize = 0, pixels: usize = 0;
  for (let image: usize = 0; image < images; image++) {
    for (let r: usize = 0; r < rows; r++) {
      for (let c: usize = 0; c < runColumns; c += 4) {
        const start = min(c, columns - 4);
        writeRun(runs++, windowPlace(image, r, start), resultPlace(image, row + r, column + start), row + r);
      }
    }
  }
  pairsEnd = pairs + ((runs + 1) >> 1) * PAIR_BYTES;
  if (runs & 1) repeatRun();
  for (let image: usize = 0; image < images; image++) {
    for (let r: usize = 0; r < rows; r++) {
      for (let c = runColumns; c < columns; c++) {
        writePixel(pixels++, windowPlace(image, r, c), resultPlace(image, row + r, column + c));
      }
    }
  }
  const last = pixelAt(pixels - 1);
  while (pixels % GROUP_PIXELS != 0) writePixel(pixels++, load<u32>(last), load<u32>(last, GROUP_PIXELS << 2));
  groupsEnd = pairsEnd + (pixels / GROUP_PIXELS) * GROUP_BYTES;
}

@inline
function windowPlace(image: usize, row: usize, column: usize): usize {
  return image * windowImageBytes + row * strideH * windowRowBytes + (column << 2);
}

@inline
function resultPlace(image: usize, row: usize, column: usize): usize {
  return (image * outChannels * resultPlaneStep + row * resultRowStep + column * resultStep) << 2;
}

function writeRun(run: usize, window: usize, result: usize, row: usize): void {
  const rowTaps = groupChannels * kernelWidth;
  const pair = pairs + (run >> 1) * PAIR_BYTES, second = run & 1;
  let first = firstKernelRow(row) * rowTaps, end = max(endKernelRow(row) * rowTaps, first);
  if (second != 0) {
    first = min(first, <usize>load<u32>(pair, 16));
    end = max(end, <usize>(load<u32>(pair, 16) + load<u32>(pair, 20)));
  }
  store<u32>(pair + (second << 2), window);
  store<u32>(pair + (second << 2), result, 8);
  store<u32>(pair, first, 16);
  store<u32>(pair, end - first, 20);
}

/** Makes a run without partner its own partner. */
function repeatRun(): void {
  const pair = pairsEnd - PAIR_BYTES;
  store<u32>(pair, load<u32>(pair), 4);
  store<u32>(pair, load<u32>(pair, 8), 12);
}

@inline
function pixelAt(pixel: usize): usize {
  return pairsEnd + (pixel / GROUP_PIXELS) * GROUP_BYTES + ((pixel % GROUP_PIXELS) << 2);
}

function writePixel(pixel: usize, window: usize, result: usize): void {
  store<u32>(pixelAt(pixel), window);
  store<u32>(pixelAt(pixel), result, GROUP_PIXELS << 2);
}

/** The first row of the kernel that meets the input, and the one after the last. */
export function firstKernelRow(row: usize): usize {
  const outside = padH - <i32>row * strideH;
  return outside > 0 ? min((outside + dilationH - 1) / dilationH, kernelHeight) : 0;
}

export function endKernelRow(row: usize): usize {
  const room = height - 1 + padH - <i32>row * strideH;
  return room < 0 ? 0 : min(room / dilationH + 1, kernelHeight);
}
