/**
 * What the im2col matrix is built from, a block of output pixels at a time.
 * Words: a *window* is the part of one input plane that a block of pixels needs, copied with its padding, so that nothing
 * is checked later; a *run* is 4 consecutive pixels. With stride 1 a run is one vector of the window, or two of them
 * blended where the pixels go on in the next row; else it is gathered from four offsets.
 */
import {
  dilationH, dilationW, height, kernelHeight, kernelWidth, outWidth, padH, padW, strideH, strideW, width,
} from './conv-geometry';

/** A run is 32 bytes: two offsets into the window and, at 16, the mask of the lanes that the first one gives; or four. */
export const RUN_BYTES: usize = 32;
export const MASK: usize = 16;
/** Vectors may read so far beyond the last pixel of a window. */
const SLACK_BYTES: usize = 16;

export const BLOCK_PIXELS_MAX: usize = 4096;
/** Room for the runs of BLOCK_PIXELS_MAX pixels. */
export const RUNS_BYTES: usize = (BLOCK_PIXELS_MAX >> 2) * RUN_BYTES;

export let windowWidth: usize = 0;
export let windowRows: usize = 0;
let windowTop: i32 = 0;
export let windowFits: bool = false;
export let windowAt: usize = 0;
export let runsAt: usize = 0;
export let runCount: usize = 0;
export let blockFirst: usize = 0;
export let blockEnd: usize = 0;

/**
 * Chooses the pixels [first, end) of the output plane for the fills that follow; `first` is a multiple of 4.
 * Says whether the windows of `planes` planes fit into `windowBytes`; if not, the fills go element by element.
 */
export function openPixelBlock(
  first: usize, end: usize, planes: usize, runs: usize, window: usize, windowBytes: usize,
): bool {
  const firstRow = first / outWidth;
  blockFirst = first;
  blockEnd = end;
  runsAt = runs;
  runCount = (end - first + 3) >> 2;
  windowAt = window;
  windowWidth = (outWidth - 1) * strideW + (kernelWidth - 1) * dilationW + 1;
  windowRows = ((end - 1) / outWidth - firstRow) * strideH + (kernelHeight - 1) * dilationH + 1;
  windowTop = <i32>firstRow * strideH - padH;
  windowFits = (<u64>planes * windowRows * windowWidth << 2) + SLACK_BYTES <= <u64>windowBytes;
  if (!windowFits) return false;
  for (let run: usize = 0; run < runCount; run++) {
    if (hasVectorRuns()) writeVectorRun(runs + run * RUN_BYTES, first + (run << 2), firstRow);
    else writeGatherRun(runs + run * RUN_BYTES, first + (run << 2), firstRow);
  }
  return true;
}

/** A run may go on in the next row, but must not reach the one after. */
@inline
export function hasVectorRuns(): bool {
  return strideW == 1 && outWidth >= 4;
}

function windowOffset(pixel: usize, firstRow: usize): usize {
  const row = pixel / outWidth;
  return ((row - firstRow) * strideH * windowWidth + (pixel - row * outWidth) * strideW) << 2;
}

function writeVectorRun(run: usize, pixel: usize, firstRow: usize): void {
  const offset = windowOffset(pixel, firstRow);
  const inRow = outWidth - (pixel % outWidth);
  const next = pixel + inRow;
  const crosses = inRow < 4 && next < blockEnd;
  store<u32>(run, offset);
  store<u32>(run, crosses ? windowOffset(next, firstRow) - (inRow << 2) : offset, 4);
  v128.store(run, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(<i32>inRow)), MASK);
}

function writeGatherRun(run: usize, pixel: usize, firstRow: usize): void {
  for (let lane: usize = 0; lane < 4; lane++) {
    // Lanes beyond the block repeat its last pixel; their results are dropped.
    store<u32>(run + (lane << 2), windowOffset(min(pixel + lane, blockEnd - 1), firstRow));
  }
}

/** Copies the window of one input plane, zeros where it is padding; returns the address after it. */
export function fillWindow(plane: usize, to: usize): usize {
  const before: usize = min(<usize>padW, windowWidth);
  const inside: usize = min(<usize>width, windowWidth - before);
  for (let row: usize = 0; row < windowRows; row++) {
    const h = windowTop + <i32>row;
    if (h < 0 || h >= height) {
      to = fillZeros(to, windowWidth);
    } else {
      to = fillZeros(to, before);
      to = copyFloats(plane + (<usize>(h * width) << 2), to, inside);
      to = fillZeros(to, windowWidth - before - inside);
    }
  }
  return to;
}

/** Returns the address after the last float written; so does copyFloats. */
function fillZeros(to: usize, count: usize): usize {
  for (const end = to + (count << 2); to < end; to += 4) store<f32>(to, 0);
  return to;
}

export function copyFloats(from: usize, to: usize, count: usize): usize {
  for (; count >= 4; count -= 4) {
    v128.store(to, v128.load(from));
    from += 16;
    to += 16;
  }
  for (; count != 0; count--) {
    store<f32>(to, load<f32>(from));
    from += 4;
    to += 4;
  }
  return to;
}
