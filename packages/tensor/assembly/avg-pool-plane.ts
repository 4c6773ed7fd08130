/** Average pooling of one plane, and its gradient. */
import {
  height, width, outHeight, outWidth, kernelHeight, kernelWidth, strideH, strideW, padH, padW,
} from './pool-geometry';

/** y = mean of each window, as divisorOf defines it; 0 for a window that lies wholly in the padding. */
export function meanOfWindows(x: usize, y: usize, countIncludePad: bool, divisorOverride: i32): void {
  for (let oh = 0; oh < outHeight; oh++) {
    const top = oh * strideH - padH;
    for (let ow = 0; ow < outWidth; ow++) {
      const left = ow * strideW - padW;
      const bottom = min(top + kernelHeight, height);
      const sum = windowSum(x, max(top, 0), bottom, max(left, 0), min(left + kernelWidth, width));
      const divisor = divisorOf(top, left, countIncludePad, divisorOverride);
      store<f32>(y, divisor == 0 ? 0 : sum / <f32>divisor);
      y += 4;
    }
  }
}

/** Adds to each cell of gx its share of the gy of every window it lies in. */
export function addMeanShares(gx: usize, gy: usize, countIncludePad: bool, divisorOverride: i32): void {
  for (let oh = 0; oh < outHeight; oh++) {
    const top = oh * strideH - padH;
    for (let ow = 0; ow < outWidth; ow++) {
      const left = ow * strideW - padW;
      const share = load<f32>(gy) / <f32>divisorOf(top, left, countIncludePad, divisorOverride);
      for (let h = max(top, 0), bottom = min(top + kernelHeight, height); h < bottom; h++) {
        for (let w = max(left, 0), right = min(left + kernelWidth, width); w < right; w++) {
          const at = gx + (<usize>(h * width + w) << 2);
          store<f32>(at, load<f32>(at) + share);
        }
      }
      gy += 4;
    }
  }
}

function windowSum(x: usize, top: i32, bottom: i32, left: i32, right: i32): f32 {
  let sum: f32 = 0;
  for (let h = top; h < bottom; h++) {
    for (let w = left; w < right; w++) sum += load<f32>(x + (<usize>(h * width + w) << 2));
  }
  return sum;
}

/** Number of cells a window's sum is divided by; only what lies beyond the padding never counts. */
function divisorOf(top: i32, left: i32, countIncludePad: bool, divisorOverride: i32): i32 {
  if (divisorOverride != 0) return divisorOverride;
  const bottom = min(top + kernelHeight, height + padH);
  const right = min(left + kernelWidth, width + padW);
  if (countIncludePad) return (bottom - top) * (right - left);
  return max(min(bottom, height) - max(top, 0), 0) * max(min(right, width) - max(left, 0), 0);
}
