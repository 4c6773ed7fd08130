import type { HeapView, ReferenceKernel } from './heap-view.ts';

/** The argument block of the poolings; the words are those of assembly/pool.ts. */
function readGeometry({ u32 }: HeapView, p: number) {
  const word = (index: number): number => u32[(p >>> 2) + index];
  return {
    planes: word(3),
    height: word(4),
    width: word(5),
    outHeight: word(6),
    outWidth: word(7),
    kernelHeight: word(8),
    kernelWidth: word(9),
    strideH: word(10),
    strideW: word(11),
    padH: word(12),
    padW: word(13),
    word,
  };
}

type Geometry = ReturnType<typeof readGeometry>;

/** Calls `visit` for each window: its plane, the input row and column of its first cell (maybe in the padding), its output. */
function forEachWindow(g: Geometry, visit: (plane: number, top: number, left: number, output: number) => void): void {
  let output = 0;
  for (let plane = 0; plane < g.planes; plane++) {
    for (let oh = 0; oh < g.outHeight; oh++) {
      for (let ow = 0; ow < g.outWidth; ow++) visit(plane, oh * g.strideH - g.padH, ow * g.strideW - g.padW, output++);
    }
  }
}

/** First cell of a window at or after 0, in steps of its dilation. */
const firstInside = (start: number, dilation: number): number =>
  start >= 0 ? start : start + Math.ceil(-start / dilation) * dilation;

export const maxPool2d: ReferenceKernel = (heap, p) => {
  const { x, shift, i32 } = heap;
  const g = readGeometry(heap, p);
  const [dilationH, dilationW] = [g.word(14), g.word(15)];
  forEachWindow(g, (plane, top, left, output) => {
    const start = (g.word(0) >>> shift) + plane * g.height * g.width;
    const [firstRow, firstColumn] = [firstInside(top, dilationH), firstInside(left, dilationW)];
    let greatest = -Infinity;
    let position = firstRow * g.width + firstColumn;
    for (let h = firstRow; h < Math.min(top + g.kernelHeight * dilationH, g.height); h += dilationH) {
      for (let w = firstColumn; w < Math.min(left + g.kernelWidth * dilationW, g.width); w += dilationW) {
        const value = x[start + h * g.width + w];
        if (value > greatest || Number.isNaN(value)) [greatest, position] = [value, h * g.width + w];
      }
    }
    x[(g.word(1) >>> shift) + output] = greatest;
    i32[(g.word(2) >>> 2) + output] = position;
  });
};

export const maxPool2dGrad: ReferenceKernel = ({ x, shift, i32, u32 }, p) => {
  const [gy, index, gx, planes, inSize, outSize] = u32.subarray(p >>> 2, (p >>> 2) + 6);
  const sums = new Float64Array(planes * inSize);
  for (let output = 0; output < planes * outSize; output++) {
    const plane = Math.floor(output / outSize);
    const position = i32[(index >>> 2) + output];
    // A dilated window may lie around the plane without meeting it; its position is then outside.
    if (position < inSize) sums[plane * inSize + position] += x[(gy >>> shift) + output];
  }
  x.set(sums, gx >>> shift);
};

/** Calls `visit` for each window with its cells' bounds inside the plane and what its sum is divided by. */
function forEachMean(
  g: Geometry,
  visit: (plane: number, rows: [number, number], columns: [number, number], divisor: number, output: number) => void,
): void {
  const [countIncludePad, divisorOverride] = [g.word(14), g.word(15)];
  forEachWindow(g, (plane, top, left, output) => {
    // What hangs over the padding (ceil mode) does not count, the padding does if countIncludePad says so.
    const [bottom, right] = [
      Math.min(top + g.kernelHeight, g.height + g.padH),
      Math.min(left + g.kernelWidth, g.width + g.padW),
    ];
    const rows: [number, number] = [Math.max(top, 0), Math.min(bottom, g.height)];
    const columns: [number, number] = [Math.max(left, 0), Math.min(right, g.width)];
    const cells = countIncludePad ? (bottom - top) * (right - left) : (rows[1] - rows[0]) * (columns[1] - columns[0]);
    visit(plane, rows, columns, divisorOverride || cells, output);
  });
}

export const avgPool2d: ReferenceKernel = (heap, p) => {
  const { x, shift } = heap;
  const g = readGeometry(heap, p);
  forEachMean(g, (plane, rows, columns, divisor, output) => {
    const start = (g.word(0) >>> shift) + plane * g.height * g.width;
    const isEmpty = rows[0] >= rows[1] || columns[0] >= columns[1];
    let sum = 0;
    for (let h = rows[0]; h < rows[1]; h++) {
      for (let w = columns[0]; w < columns[1]; w++) sum += x[start + h * g.width + w];
    }
    x[(g.word(1) >>> shift) + output] = isEmpty ? 0 : sum / divisor;
  });
};

export const avgPool2dGrad: ReferenceKernel = (heap, p) => {
  const { x, shift } = heap;
  const g = readGeometry(heap, p);
  const sums = new Float64Array(g.planes * g.height * g.width);
  forEachMean(g, (plane, rows, columns, divisor, output) => {
    const share = x[(g.word(1) >>> shift) + output] / divisor;
    for (let h = rows[0]; h < rows[1]; h++) {
      for (let w = columns[0]; w < columns[1]; w++) sums[(plane * g.height + h) * g.width + w] += share;
    }
  });
  x.set(sums, g.word(0) >>> shift);
};
