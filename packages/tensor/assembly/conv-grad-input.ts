/** gx = col2im(wᵀ · gy): the gradient of the im2col matrix, a block at a time, each element added where it came from. */
import {
  batch, channels, columnSize, dilationH, dilationW, groupOutChannels, groups, groupWeight, height, input, inputPlane,
  isPointwise, kernelSize, kernelWidth, outputPlane, outSize, outWidth, padH, padW, planeSize, strideH, strideW, width,
} from './conv-geometry';
import { multiply, MULTIPLY_WORK_BYTES } from './gemm-blocks';
import { workAddress, zeros } from './scratch';

const BLOCK_PIXELS: usize = 1024;
const BLOCK_BYTES: usize = 192 << 10;

export function gradientOfInput(): void {
  if (!isPointwise) memory.fill(input, 0, (batch * channels * planeSize) << 2);
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
    rows, pixels, groupOutChannels, filter, 4, columnSize << 2, gy, outSize << 2, 4, zeros(), 0, 0, c, cRow, workAddress(),
  );
}

function addBlocks(filters: usize, gy: usize, gx: usize): void {
  const columns = workAddress() + MULTIPLY_WORK_BYTES;
  for (let first: usize = 0; first < outSize; first += BLOCK_PIXELS) {
    const pixels = min(outSize - first, BLOCK_PIXELS);
    const rowsMax = BLOCK_BYTES / (pixels << 2);
    for (let k: usize = 0; k < columnSize; k += rowsMax) {
      const rows = min(columnSize - k, rowsMax);
      multiplyTransposed(filters + (k << 2), rows, gy + (first << 2), pixels, columns, pixels << 2);
      for (let i: usize = 0; i < rows; i++) addRow(columns + ((i * pixels) << 2), k + i, first, first + pixels, gx);
    }
  }
}

/** Adds row k of the matrix, for pixels [first, end), to the planes of gx. */
function addRow(from: usize, k: usize, first: usize, end: usize, gx: usize): void {
  const channel = k / kernelSize;
  const position = k - channel * kernelSize;
  const plane = gx + ((channel * planeSize) << 2);
  const top = <i32>(position / kernelWidth) * dilationH - padH;
  const left = <i32>(position % kernelWidth) * dilationW - padW;
  // Output columns that meet the kernel position inside the plane.
  const begin = left >= 0 ? 0 : (strideW - 1 - left) / strideW;
  const stop = left >= width ? 0 : min(<i32>outWidth, (width - 1 - left) / strideW + 1);
  for (let row = first / outWidth; row * outWidth < end; row++) {
    const h = <i32>row * strideH + top;
    if (h < 0 || h >= height) continue;
    const rowStart = row * outWidth;
    const column = max(begin, first > rowStart ? <i32>(first - rowStart) : 0);
    const count = min(stop, <i32>(end - rowStart)) - column;
    if (count <= 0) continue;
    const to = plane + (<usize>(h * width + column * strideW + left) << 2);
    addFloats(from + ((rowStart + column - first) << 2), count, to, strideW << 2);
  }
}

function addFloats(from: usize, count: usize, to: usize, toStep: usize): void {
  if (toStep == 4) {
    for (; count >= 4; count -= 4) {
      v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
      from += 16;
      to += 16;
    }
  }
  for (; count != 0; count--) {
    store<f32>(to, load<f32>(to) + load<f32>(from));
    from += 4;
    to += toStep;
  }
}
