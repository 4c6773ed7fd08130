/** Max pooling of one plane: four windows at a time where they lie side by side inside it, one at a time at its borders. */
import {
  height, width, outHeight, outWidth, kernelHeight, kernelWidth, strideH, strideW, padH, padW,
} from './pool-geometry';
import { maxOfSquares } from './max-pool-squares';

export function maxPoolPlane(x: usize, y: usize, index: usize, dilationH: i32, dilationW: i32): void {
  if (areSquares(dilationH, dilationW)) return maxOfSquares(x, y, index);
  for (let oh = 0; oh < outHeight; oh++) {
    const start = oh * strideH - padH;
    const top = firstInside(start, dilationH);
    const bottom = min(start + kernelHeight * dilationH, height);
    const vectorsFrom = (padW + strideW - 1) / strideW;
    const vectorsTo = lastVectorStart(dilationW);
    for (let ow = 0; ow < outWidth; ) {
      const left = ow * strideW - padW;
      if (ow >= vectorsFrom && ow <= vectorsTo) {
        maxOfWindows4(x, y, index, top, bottom, left, dilationH, dilationW);
        ow += 4;
        y += 16;
        index += 16;
      } else {
        maxOfWindow(x, y, index, top, bottom, left, dilationH, dilationW);
        ow++;
        y += 4;
        index += 4;
      }
    }
  }
}

/** Squares of 2 × 2 side by side, all of them inside the plane, and four at least in a row. */
function areSquares(dilationH: i32, dilationW: i32): bool {
  const isSquare = kernelHeight == 2 && kernelWidth == 2 && dilationH == 1 && dilationW == 1;
  return isSquare && strideH == 2 && strideW == 2 && padH == 0 && padW == 0 &&
    outWidth >= 4 && 2 * outWidth <= width && 2 * outHeight <= height;
}

/** First row or column of a window at or after 0, in steps of its dilation. */
function firstInside(start: i32, dilation: i32): i32 {
  return start >= 0 ? start : start + ((dilation - 1 - start) / dilation) * dilation;
}

/** Last output column whose window and next three can be read as vectors without leaving the row; -1 if none. */
function lastVectorStart(dilationW: i32): i32 {
  if (strideW > 2) return -1;
  const reach = (kernelWidth - 1) * dilationW + 4 * strideW;
  const room = width + padW - reach;
  return room < 0 ? -1 : min(room / strideW, outWidth - 4);
}

function maxOfWindow(x: usize, y: usize, index: usize, top: i32, bottom: i32, left: i32, dH: i32, dW: i32): void {
  const right = min(left + kernelWidth * dW, width);
  left = firstInside(left, dW);
  let greatest: f32 = -Infinity;
  let position = top * width + left;
  for (let h = top; h < bottom; h += dH) {
    for (let w = left; w < right; w += dW) {
      const value = load<f32>(x + (<usize>(h * width + w) << 2));
      if (value > greatest || value != value) {
        greatest = value;
        position = h * width + w;
      }
    }
  }
  store<f32>(y, greatest);
  store<i32>(index, position);
}

function maxOfWindows4(x: usize, y: usize, index: usize, top: i32, bottom: i32, left: i32, dH: i32, dW: i32): void {
  const lanes = i32x4.mul(i32x4(0, 1, 2, 3), i32x4.splat(strideW));
  let greatest = f32x4.splat(-Infinity);
  let positions = i32x4.add(i32x4.splat(top * width + left), lanes);
  for (let h = top; h < bottom; h += dH) {
    for (let w = left, right = left + kernelWidth * dW; w < right; w += dW) {
      const at = x + (<usize>(h * width + w) << 2);
      let values = v128.load(at);
      if (strideW == 2) values = v128.shuffle<f32>(values, v128.load(at, 16), 0, 2, 4, 6);
      const wins = v128.or(f32x4.gt(values, greatest), f32x4.ne(values, values));
      greatest = v128.bitselect(values, greatest, wins);
      positions = v128.bitselect(i32x4.add(i32x4.splat(h * width + w), lanes), positions, wins);
    }
  }
  v128.store(y, greatest);
  v128.store(index, positions);
}
