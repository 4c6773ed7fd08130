/**
 * The im2col matrix [channels · kernel positions, output pixels], written from the windows of im2col-window.ts: in panels
 * as tiles read them, or row by row. All is for the block of pixels that openPixelBlock chose.
 */
import {
  dilationH, dilationW, height, kernelSize, kernelWidth, outWidth, padH, padW, planeSize, strideH, strideW, width,
} from './conv-geometry';
import {
  blockEnd, blockFirst, fillWindow, hasVectorRuns, MASK, RUN_BYTES, runCount, runsAt, windowAt, windowFits, windowRows,
  windowWidth,
} from './im2col-window';

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

/** Inlined with a constant `blends`: whether lanes come from `other` bytes further, too. Rows of 3 and 5 are unrolled. */
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
