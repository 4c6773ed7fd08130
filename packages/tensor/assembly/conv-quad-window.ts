/**
 * The planes of four images in the lanes of vectors, with a column of zeros on either side: two neighbouring pixels take the
 * taps that either of them meets, so one of them may be a column outside.
 */
import { channels, groupChannels, height, inputPlane, planeSize, width } from './conv-geometry';

@inline
export function quadRowBytes(): usize {
  return <usize>(width + 2) << 4;
}

@inline
export function quadPlaneBytes(): usize {
  return <usize>height * quadRowBytes();
}

export function openQuad(to: usize): void {
  memory.fill(to, 0, groupChannels * quadPlaneBytes());
}

/** Lays the images n to n + 3 into the lanes; the columns of zeros stay. */
export function fillQuad(n: usize, group: usize, to: usize): void {
  let from = inputPlane(n, group);
  const step = (channels * planeSize) << 2;
  for (let row: usize = 0, rows = groupChannels * height; row < rows; row++) {
    fillRow(from, step, to + 16);
    from += width << 2;
    to += quadRowBytes();
  }
}

function fillRow(from: usize, step: usize, to: usize): void {
  const end = from + (width << 2);
  const step2 = step << 1, step3 = step * 3;
  for (; from + 16 <= end; from += 16, to += 64) {
    const a = v128.load(from), b = v128.load(from + step), c = v128.load(from + step2), d = v128.load(from + step3);
    const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const abEnd = v128.shuffle<f32>(a, b, 2, 6, 3, 7), cdEnd = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
    v128.store(to, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7), 16);
    v128.store(to, v128.shuffle<f32>(abEnd, cdEnd, 0, 1, 4, 5), 32);
    v128.store(to, v128.shuffle<f32>(abEnd, cdEnd, 2, 3, 6, 7), 48);
  }
  for (; from < end; from += 4, to += 16) {
    let lanes = v128.load32_zero(from);
    lanes = v128.load32_lane(from + step, lanes, 1);
    lanes = v128.load32_lane(from + step2, lanes, 2);
    v128.store(to, v128.load32_lane(from + step3, lanes, 3));
  }
}
