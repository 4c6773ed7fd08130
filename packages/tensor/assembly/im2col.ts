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

/** Chooses the pixels [first, end) of the output plane for the fills that follow; `first` is a multiple of 4. */
export function openPixelBlock(first: usize, end: usize, runs: usize, window: usize, windowBytes: usize): void {
  const firstRow = first / outWidth;
  blockFirst = first;
  blockEnd = end;
  runsAt = runs;
  runCount = (end - first + 3) >> 2;
  windowAt = window;
  windowWidth = (outWidth - 1) * strideW + (kernelWidth - 1) * dilationW + 1;
  windowRows = ((end - 1) / outWidth - firstRow) * strideH + (kernelHeight - 1) * dilationH + 1;
  windowTop = <i32>firstRow * strideH - padH;
  windowFits = (<u64>windowRows * <u64>windowWidth << 2) + SLACK_BYTES <= <u64>windowBytes;
  if (!windowFits) return;
  for (let run: usize = 0; run < runCount; run++) {
    if (hasVectorRuns()) writeVectorRun(runs + run * RUN_BYTES, first + (run << 2), firstRow);
    else writeGatherRun(runs + run * RUN_BYTES, first + (run << 2), firstRow);
  }
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

/**
 * Writes rows [k, kEnd) of the block in panels of 8 pixels, `panelBytes` apart, as tiles read them.
 * `planes` is the first input plane of the group.
 */
export function fillPanels(planes: usize, k: usize, kEnd: usize, to: usize, panelBytes: usize): void {
  while (k < kEnd) {
    const channel = k / kernelSize;
    const position = k - channel * kernelSize;
    const count = min(kernelSize - position, kEnd - k);
    const plane = planes + ((channel * planeSize) << 2);
    if (windowFits) {
      fillWindow(plane);
      for (let run: usize = 0; run < runCount; run++) {
        fillRun(runsAt + run * RUN_BYTES, position, count, to + (run >> 1) * panelBytes + ((run & 1) << 4), 32);
      }
    } else {
      gatherPositions(plane, position, count, to, 32, panelBytes);
    }
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
      fillWindow(plane);
      for (let i: usize = 0; i < count; i++) fillRow(position + i, to + i * rowBytes);
    } else {
      gatherPositions(plane, position, count, to, rowBytes, 32);
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

/** One run at `count` kernel positions. */
function fillRun(run: usize, position: usize, count: usize, to: usize, toStep: usize): void {
  const columnStep: usize = dilationW << 2;
  const rowStep = ((windowWidth * dilationH) << 2) - kernelWidth * columnStep;
  let from = windowAt + positionOffset(position);
  let left = kernelWidth - (position % kernelWidth);
  if (!hasVectorRuns()) return gatherRun(run, from, left, columnStep, rowStep, count, to, toStep);
  const offset: usize = load<u32>(run);
  const other: usize = load<u32>(run, 4);
  const mask = v128.load(run, MASK);
  const isWhole = offset == other;
  while (count != 0) {
    const end = to + min(left, count) * toStep;
    count -= min(left, count);
    if (isWhole) {
      for (; to < end; to += toStep) {
        v128.store(to, v128.load(from + offset));
        from += columnStep;
      }
    } else {
      for (; to < end; to += toStep) {
        v128.store(to, v128.bitselect(v128.load(from + offset), v128.load(from + other), mask));
        from += columnStep;
      }
    }
    from += rowStep;
    left = kernelWidth;
  }
}

function gatherRun(
  run: usize, from: usize, left: usize, columnStep: usize, rowStep: usize, count: usize, to: usize, toStep: usize,
): void {
  for (; count != 0; count--) {
    v128.store(to, gather(run, from));
    to += toStep;
    from += columnStep;
    if (--left == 0) {
      from += rowStep;
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

/** All runs at one kernel position. */
function fillRow(position: usize, to: usize): void {
  const from = windowAt + positionOffset(position);
  const isVector = hasVectorRuns();
  for (let run = runsAt, end = runsAt + runCount * RUN_BYTES; run < end; run += RUN_BYTES) {
    if (isVector) {
      const offset: usize = load<u32>(run);
      const other: usize = load<u32>(run, 4);
      const values = v128.load(from + offset);
      v128.store(to, offset == other ? values : v128.bitselect(values, v128.load(from + other), v128.load(run, MASK)));
    } else {
      v128.store(to, gather(run, from));
    }
    to += 16;
  }
}

/** Copies the window of one input plane, zeros where it is padding. */
function fillWindow(plane: usize): void {
  const before: usize = min(<usize>padW, windowWidth);
  const inside: usize = min(<usize>width, windowWidth - before);
  let to = windowAt;
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

/** For a window too large for scratch: element by element, each checked against the plane's borders. */
function gatherPositions(plane: usize, position: usize, count: usize, to: usize, toStep: usize, panelBytes: usize): void {
  for (; count != 0; count--) {
    const kh = <i32>(position / kernelWidth);
    const kw = <i32>(position % kernelWidth);
    for (let pixel = blockFirst; pixel < blockEnd; pixel++) {
      const row = <i32>(pixel / outWidth);
      const column = <i32>(pixel % outWidth);
      const h = row * strideH - padH + kh * dilationH;
      const w = column * strideW - padW + kw * dilationW;
      const isInside = h >= 0 && h < height && w >= 0 && w < width;
      const at = pixel - blockFirst;
      store<f32>(
        to + (at >> 3) * panelBytes + ((at & 7) << 2),
        isInside ? load<f32>(plane + (<usize>(h * width + w) << 2)) : 0,
      );
    }
    to += toStep;
    position++;
  }
}
