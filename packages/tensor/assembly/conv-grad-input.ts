/**
 * gx is the convolution of gy by turned kernels: one of them or, with strides, one for each remainder that a row and a column
 * can leave. Where that does not pay it is col2im(wᵀ · gy): the gradient of the im2col matrix, a block at a time, each
 * element added where it came from.
 */
import {
  batch, channels, columnSize, dilationH, dilationW, groupChannels, groupOutChannels, groups, groupWeight, height, input,
  inputPlane, isPointwise, kernelHeight, kernelSize, kernelWidth, loadConvGeometry, narrowGeometry, outHeight, outputPlane,
  outSize, outWidth, padH, padW, planeSize, strideH, strideW, turnGeometry, width,
} from './conv-geometry';
import { convolveWindows } from './conv-direct';
import { multiply, MULTIPLY_WORK_BYTES } from './gemm-blocks';
import { workAddress, zeros } from './scratch';

const BLOCK_PIXELS: usize = 1024;
const BLOCK_BYTES: usize = 192 << 10;

let inputEnd: usize = 0;

/** Fewer channels would leave tiles so thin that the product wins, unless it has almost nothing to add up. */
const TURNED_CHANNELS_MIN: usize = 4;

export function gradientOfInput(p: usize): void {
  const isThin = groupChannels < TURNED_CHANNELS_MIN && groupOutChannels >= TURNED_CHANNELS_MIN;
  const isSpread = (strideH != 1 && dilationH != 1) || (strideW != 1 && dilationW != 1);
  if (isSpread || isPointwise || isThin || !convolveTurned(p)) addProducts();
}

/** False, and nothing done, if scratch has no room. */
function convolveTurned(p: usize): bool {
  const rows = strideH, columns = strideW;
  // Some results may meet no tap.
  if (rows > <i32>kernelHeight || columns > <i32>kernelWidth) memory.fill(input, 0, (batch * channels * planeSize) << 2);
  for (let row = 0; row < min(rows, <i32>kernelHeight); row++) {
    for (let column = 0; column < min(columns, <i32>kernelWidth); column++) {
      turnGeometry();
      narrowGeometry(row, column);
      const done = outSize == 0 || convolveWindows();
      loadConvGeometry(p);
      if (!done) return false;
    }
  }
  return true;
}

function addProducts(): void {
  const bytes = (batch * channels * planeSize) << 2;
  inputEnd = input + bytes;
  if (!isPointwise) memory.fill(input, 0, bytes);
  for (let n: usize = 0; n < batch; n++) {
    for (let group: usize = 0; group < groups; group++) {
      const gx = inputPlane(n, group);
      const gy = outputPlane(n, group);
      if (isPointwise) multiplyTransposed(groupWeight(group), columnSize, gy, outSize, gx, outSize << 2);
      else addBlocks(groupWeight(group), gy, gx);
    }
  }
}

/** c: [rows, pixels] = wᵀ · gy, for `rows` of the columns of w from `filter` on. */
function multiplyTransposed(filter: usize, rows: usize, gy: usize, pixels: usize, c: usize, cRow: usize): void {
  multiply(
    rows, pixels, groupOutChannels, filter, 4, columnSize << 2, gy, outSize << 2, 4,
    zeros(), 0, 0, c, cRow, workAddress(),
  );
}

/** A block is some whole rows of pixels, or a part of one row. */
function addBlocks(filters: usize, gy: usize, gx: usize): void {
  const blockRows = max(BLOCK_PIXELS / outWidth, 1);
  const blockWidth = min(outWidth, BLOCK_PIXELS);
  for (let row: usize = 0; row < outHeight; row += blockRows) {
    const rowEnd = min(row + blockRows, outHeight);
    for (let column: usize = 0; column < outWidth; column += blockWidth) {
      const columnEnd = min(column + blockWidth, outWidth);
      addBlock(filters, gy + ((row * outWidth + column) << 2), gx, row, rowEnd, column, columnEnd);
    }
  }
}

function addBlock(
  filters: usize, gy: usize, gx: usize, row: usize, rowEnd: usize, column: usize, columnEnd: usize,
): void {
  const columns = workAddress() + MULTIPLY_WORK_BYTES;
  const pixels = (rowEnd - row) * (columnEnd - column);
  const countMax = BLOCK_BYTES / (pixels << 2);
  for (let k: usize = 0; k < columnSize; k += countMax) {
    const count = min(columnSize - k, countMax);
    multiplyTransposed(filters + (k << 2), count, gy, pixels, columns, pixels << 2);
    for (let i: usize = 0; i < count; i++) {
      addPosition(columns + ((i * pixels) << 2), k + i, <i32>row, <i32>rowEnd, <i32>column, <i32>columnEnd, gx);
    }
  }
}

/** Adds row k of the matrix: what one kernel position of one channel gives to a block of pixels. */
function addPosition(from: usize, k: usize, row: i32, rowEnd: i32, column: i32, columnEnd: i32, gx: usize): void {
  const channel = k / kernelSize;
  const position = k - channel * kernelSize;
  const top = <i32>(position / kernelWidth) * dilationH - padH;
  const left = <i32>(position % kernelWidth) * dilationW - padW;
  // The part of the block that the position maps into the plane.
  const firstRow = firstInside(row, top, strideH);
  const firstColumn = firstInside(column, left, strideW);
  const rows = endInside(rowEnd, top, strideH, height) - firstRow;
  const columns = endInside(columnEnd, left, strideW, width) - firstColumn;
  if (rows <= 0 || columns <= 0) return;
  const pitch = columnEnd - column;
  const cell = (firstRow * strideH + top) * width + firstColumn * strideW + left;
  const to = gx + ((channel * planeSize + cell) << 2);
  from += ((firstRow - row) * pitch + firstColumn - column) << 2;
  if (strideW == 1) addRows(from, <usize>pitch << 2, rows, columns, to, (strideH * width) << 2);
  else addSpreadRows(from, <usize>pitch << 2, rows, columns, to, (strideH * width) << 2);
}

/** First index from `first` on that lands at or after 0; endInside: one past the last that lands before `size`. */
@inline
function firstInside(first: i32, offset: i32, stride: i32): i32 {
  return offset >= 0 ? first : max(first, (stride - 1 - offset) / stride);
}

@inline
function endInside(end: i32, offset: i32, stride: i32, size: i32): i32 {
  return offset >= size ? 0 : min(end, (size - 1 - offset) / stride + 1);
}

function addRows(from: usize, fromStep: usize, rows: usize, columns: usize, to: usize, toStep: usize): void {
  const tail = columns & 3;
  const vectors = (columns - tail) << 2;
  const isInRow = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(<i32>tail));
  // A last vector adds zeros to what follows the row, as long as that is gx too.
  const runsOver = to + (rows - 1) * toStep + vectors + 16 <= inputEnd;
  for (; rows != 0; rows--) {
    for (let at: usize = 0; at < vectors; at += 16) {
      v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)));
    }
    const end = to + vectors;
    if (!runsOver) addSpreadRow(from + vectors, tail, end, 4);
    else if (tail != 0) v128.store(end, f32x4.add(v128.load(end), v128.and(v128.load(from + vectors), isInRow)));
    from += fromStep;
    to += toStep;
  }
}

function addSpreadRows(from: usize, fromStep: usize, rows: usize, columns: usize, to: usize, toStep: usize): void {
  for (; rows != 0; rows--) {
    addSpreadRow(from, columns, to, strideW << 2);
    from += fromStep;
    to += toStep;
  }
}

function addSpreadRow(from: usize, count: usize, to: usize, step: usize): void {
  for (; count != 0; count--) {
    store<f32>(to, load<f32>(to) + load<f32>(from));
    from += 4;
    to += step;
  }
}
