import { maxPoolPlane } from './max-pool-plane';
import { height, loadPoolGeometry, outHeight, outWidth, width } from './pool-geometry';
import { addMeanShares, meanOfWindows } from './avg-pool-plane';

/**
 * y and index: for each window of x: [planes, H, W] its greatest value and that value's flat position in the plane.
 * The first of equals wins, a NaN wins over all; padding is -∞.
 * Words: x, y, index (int32) addresses; planes; H, W, OH, OW; kernel, stride, padding, dilation, each height then width.
 */
export function maxPool2d(p: usize): void {
  loadPoolGeometry(p);
  let x: usize = load<u32>(p);
  let y: usize = load<u32>(p, 4);
  let index: usize = load<u32>(p, 8);
  const outBytes: usize = (outHeight * outWidth) << 2;
  for (let planes = load<u32>(p, 12); planes != 0; planes--) {
    maxPoolPlane(x, y, index, load<i32>(p, 56), load<i32>(p, 60));
    x += (height * width) << 2;
    y += outBytes;
    index += outBytes;
  }
}

/**
 * gx: [planes, size of a plane] = each gy at the position its maximum came from, zero elsewhere.
 * Words: gy, index, gx addresses; planes; elements of a plane of gx, of gy.
 */
export function maxPool2dGrad(p: usize): void {
  let gy: usize = load<u32>(p);
  let index: usize = load<u32>(p, 4);
  let gx: usize = load<u32>(p, 8);
  const planes: usize = load<u32>(p, 12);
  const planeSize: usize = load<u32>(p, 16);
  const planeBytes = planeSize << 2;
  const outBytes: usize = load<u32>(p, 20) << 2;
  memory.fill(gx, 0, planes * planeBytes);
  for (let plane: usize = 0; plane < planes; plane++) {
    for (const end = gy + outBytes; gy < end; gy += 4) {
      // A dilated window may lie around the plane without meeting it; its position is then outside.
      const position: usize = load<u32>(index);
      const at = gx + (position << 2);
      if (position < planeSize) store<f32>(at, load<f32>(at) + load<f32>(gy));
      index += 4;
    }
    gx += planeBytes;
  }
}

/**
 * y = the mean of each window of x: [planes, H, W]. What hangs over the padding (ceil mode) is not counted.
 * Words: x, y addresses, unused; planes; H, W, OH, OW; kernel, stride, padding, each height then width; whether padding
 * counts; the divisor to use instead, or 0.
 */
export function avgPool2d(p: usize): void {
  loadPoolGeometry(p);
  let x: usize = load<u32>(p);
  let y: usize = load<u32>(p, 4);
  for (let planes = load<u32>(p, 12); planes != 0; planes--) {
    meanOfWindows(x, y, load<u32>(p, 56) != 0, load<i32>(p, 60));
    x += (height * width) << 2;
    y += (outHeight * outWidth) << 2;
  }
}

/** gx: [planes, H, W] = each gy shared out over its window. Words as in avgPool2d, gx and gy in place of x and y. */
export function avgPool2dGrad(p: usize): void {
  loadPoolGeometry(p);
  let gx: usize = load<u32>(p);
  let gy: usize = load<u32>(p, 4);
  const planes: usize = load<u32>(p, 12);
  const planeBytes: usize = (height * width) << 2;
  memory.fill(gx, 0, planes * planeBytes);
  for (let plane: usize = 0; plane < planes; plane++) {
    addMeanShares(gx, gy, load<u32>(p, 56) != 0, load<i32>(p, 60));
    gx += planeBytes;
    gy += (outHeight * outWidth) << 2;
  }
}
