/**
 * The im2col matrix [channels · kernel positions, output pixels], built block by block in scratch.
 * Words: a *window* is the part of one input plane that a block of pixels needs, copied with its padding, so that nothing
 * is checked later; a *run* is 4 consecutive pixels. With stride 1 a run is one vector of the window, or two of them
 * blended where the pixels go on in the next row; else it is gathered from four offsets.
 */
import {
  dilationH, dilationW, height, kernelHeight, kernelSize, kernelWidth, outSize, outWidth, padH, padW, planeSize, strideH,
  strideW, width,
} from './conv-geometry';

/** A run is 32 bytes: two offsets into the window and, at 16, the mask of the lanes that the first one gives; or four. */
const RUN_BYTES: usize = 32;
const MASK: usize = 16;
/** Vectors may read so far beyond the last pixel of a window. */
const SLACK_BYTES: usize = 16;

export const BLOCK_PIXELS_MAX: usize = 4096;
/** Room for the runs of BLOCK_PIXELS_MAX pixels. */
export const RUNS_BYTES: usize = (BLOCK_PIXELS_MAX >> 2) * RUN_BYTES;

let windowWidth: usize = 0;
let windowRows: usize = 0;
let windowTop: i32 = 0;
let windowFits: bool = false;
let windowAt: usize = 0;
let runsAt: usize = 0;
let runCount: usize = 0;
let blockFirst: usize = 0;
let blockEnd: usize = 0;

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
function hasVectorRuns(): bool {
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

/** Copies the windows that rows [k, kEnd) of the block need; `planes` is the first input plane of the group. */
export function fillWindows(planes: usize, k: usize, kEnd: usize): void {
  if (!windowFits) return;
  let to = windowAt;
  for (let channel = k / kernelSize; channel * kernelSize < kEnd; channel++) {
    to = fillWindow(planes + ((channel * planeSize) << 2), to);
  }
}

/** Writes rows [k, kEnd) of 8 pixels, 8 · `panel` after the block's first, as tiles read them; needs fillWindows. */
export function fillPanel(planes: usize, panel: usize, k: usize, kEnd: usize, to: usize): void {
  const run = panel << 1;
  const planeBytes = (windowRows * windowWidth) << 2;
  let window = windowAt;
  while (k < kEnd) {
    const channel = k / kernelSize;
    const position = k - channel * kernelSize;
    const count = min(kernelSize - position, kEnd - k);
    if (windowFits) {
      const from = window + positionOffset(position);
      const left = kernelWidth - (position % kernelWidth);
      fillRun(runsAt + run * RUN_BYTES, from, left, count, to);
      if (run + 1 < runCount) fillRun(runsAt + (run + 1) * RUN_BYTES, from, left, count, to + 16);
    } else {
      const first = blockFirst + (panel << 3);
      gatherPositions(planes + ((channel * planeSize) << 2), position, count, first, min(first + 8, blockEnd), to, 32);
    }
    window += planeBytes;
    to += count << 5;
    k += count;
  }
}

/** Writes rows [k, kEnd) of the block as they are, `rowBytes` apart; may write 3 floats beyond a row's end. */
export function fillRows(planes: usize, k: usize, kEnd: usize, to: usize, rowBytes: usize): void {
  while (k < kEnd) {
    const channel = k / kernelSize;
    const position = k - channel * kernelSize;
    const count = min(kernelSize - position, kEnd - k);
    const plane = planes + ((channel * planeSize) << 2);
    if (windowFits) {
      fillWindow(plane, windowAt);
      for (let i: usize = 0; i < count; i++) fillRow(position + i, to + i * rowBytes);
    } else {
      gatherPositions(plane, position, count, blockFirst, blockEnd, to, rowBytes);
    }
    to += count * rowBytes;
    k += count;
  }
}

/** Distance in the window of a kernel position from the kernel's first. */
@inline
function positionOffset(position: usize): usize {
  const kh = position / kernelWidth;
  return (kh * dilationH * windowWidth + (position - kh * kernelWidth) * dilationW) << 2;
}

/** One run at `count` kernel positions, to every 32nd byte; `left` of them are in the first row of the kernel. */
function fillRun(run: usize, from: usize, left: usize, count: usize, to: usize): void {
  if (!hasVectorRuns()) return gatherRun(run, from, left, count, to);
  const offset: usize = load<u32>(run);
  const other: usize = load<u32>(run, 4);
  if (offset == other) copyRun(from + offset, 0, left, count, to, i32x4.splat(-1));
  else blendRun(from + offset, other - offset, left, count, to, v128.load(run, MASK));
}

function copyRun(from: usize, other: usize, left: usize, count: usize, to: usize, mask: v128): void {
  moveRun(false, from, other, left, count, to, mask);
}

function blendRun(from: usize, other: usize, left: usize, count: usize, to: usize, mask: v128): void {
  moveRun(true, from, other, left, count, to, mask);
}

/** Inlined with a constant `blends`: whether lanes come from `other` bytes further, too. Kernel rows of 3 and 5 are unrolled. */
@inline
function moveRun(blends: bool, from: usize, other: usize, left: usize, count: usize, to: usize, mask: v128): void {
  const step: usize = dilationW << 2;
  const rowStep = (windowWidth * dilationH) << 2;
  const width = kernelWidth;
  let row = from - (width - left) * step;
  while (count != 0) {
    const positions = min(left, count);
    if (positions == 5) {
      move(blends, from, other, mask, to);
      move(blends, from + step, other, mask, to + 32);
      move(blends, from + 2 * step, other, mask, to + 64);
      move(blends, from + 3 * step, other, mask, to + 96);
      move(blends, from + 4 * step, other, mask, to + 128);
    } else if (positions == 3) {
      move(blends, from, other, mask, to);
      move(blends, from + step, other, mask, to + 32);
      move(blends, from + 2 * step, other, mask, to + 64);
    } else {
      for (let i: usize = 0; i < positions; i++) move(blends, from + i * step, other, mask, to + (i << 5));
    }
    to += positions << 5;
    count -= positions;
    row += rowStep;
    from = row;
    left = width;
  }
}

@inline
function move(blends: bool, from: usize, other: usize, mask: v128, to: usize): void {
  const values = v128.load(from);
  v128.store(to, blends ? v128.bitselect(values, v128.load(from + other), mask) : values);
}

function gatherRun(run: usize, from: usize, left: usize, count: usize, to: usize): void {
  const step: usize = dilationW << 2;
  const rowStep = (windowWidth * dilationH) << 2;
  let row = from - (kernelWidth - left) * step;
  for (; count != 0; count--) {
    v128.store(to, gather(run, from));
    to += 32;
    from += step;
    if (--left == 0) {
      row += rowStep;
      from = row;
      left = kernelWidth;
    }
  }
}

@inline
function gather(run: usize, from: usize): v128 {
  let values = v128.load32_zero(from + <usize>load<u32>(run));
  values = v128.load32_lane(from + <usize>load<u32>(run, 4), values, 1);
  values = v128.load32_lane(from + <usize>load<u32>(run, 8), values, 2);
  return v128.load32_lane(from + <usize>load<u32>(run, 12), values, 3);
}

/** All pixels of the block at one kernel position. */
function fillRow(position: usize, to: usize): void {
  const from = windowAt + positionOffset(position);
  if (strideW != 1) {
    for (let run: usize = 0; run < runCount; run++) v128.store(to + (run << 4), gather(runsAt + run * RUN_BYTES, from));
    return;
  }
  const skipped = blockFirst % outWidth;
  const rowStep = (windowWidth * strideH) << 2;
  let row = from;
  let pixel = blockFirst - skipped;
  // Each row's last vector runs over into the next row, which is written after it.
  for (; pixel < blockEnd; pixel += outWidth) {
    const start = pixel < blockFirst ? skipped << 2 : 0;
    const end = min(outWidth, blockEnd - pixel) << 2;
    const next = to + end - start;
    let from = row + start;
    for (; to + 48 < next; to += 64) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      v128.store(to, v128.load(from, 32), 32);
      v128.store(to, v128.load(from, 48), 48);
      from += 64;
    }
    for (; to < next; to += 16) {
      v128.store(to, v128.load(from));
      from += 16;
    }
    to = next;
    row += rowStep;
  }
}

/** Copies the window of one input plane, zeros where it is padding; returns the address after it. */
function fillWindow(plane: usize, to: usize): usize {
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

/** For windows too large for scratch: element by element, each checked against the plane's borders. */
function gatherPositions(
  plane: usize, position: usize, count: usize, first: usize, end: usize, to: usize, toStep: usize,
): void {
  for (; count != 0; count--) {
    const top = <i32>(position / kernelWidth) * dilationH - padH;
    const left = <i32>(position % kernelWidth) * dilationW - padW;
    for (let pixel = first; pixel < end; pixel++) {
      const h = <i32>(pixel / outWidth) * strideH + top;
      const w = <i32>(pixel % outWidth) * strideW + left;
      const isInside = h >= 0 && h < height && w >= 0 && w < width;
      store<f32>(to + ((pixel - first) << 2), isInside ? load<f32>(plane + (<usize>(h * width + w) << 2)) : 0);
    }
    to += toStep;
    position++;
  }
}
