/** Max pooling by squares of 2 × 2 side by side: four of them at a time, the last four of a row over again those before. */
import { outHeight, outWidth, width } from './pool-geometry';

/** Needs four squares in a row. */
export function maxOfSquares(x: usize, y: usize, index: usize): void {
  const rowBytes: usize = width << 2;
  const right = i32x4.splat(1), under = i32x4.splat(width), across = i32x4.splat(width + 1);
  for (let oh = 0; oh < outHeight; oh++) {
    const row = i32x4.add(i32x4.splat(2 * oh * width), i32x4(0, 2, 4, 6));
    for (let ow = 0; ow < outWidth; ow += 4) {
      const column = min(ow, outWidth - 4);
      const at = x + (<usize>column << 3);
      const first = i32x4.add(row, i32x4.splat(2 * column));
      const a = v128.load(at), b = v128.load(at, 16), c = v128.load(at + rowBytes), d = v128.load(at + rowBytes, 16);
      let greatest = v128.shuffle<f32>(a, b, 0, 2, 4, 6), places = first;
      let values = v128.shuffle<f32>(a, b, 1, 3, 5, 7), wins = takesPlace(values, greatest);
      greatest = v128.bitselect(values, greatest, wins);
      places = v128.bitselect(i32x4.add(first, right), places, wins);
      values = v128.shuffle<f32>(c, d, 0, 2, 4, 6);
      wins = takesPlace(values, greatest);
      greatest = v128.bitselect(values, greatest, wins);
      places = v128.bitselect(i32x4.add(first, under), places, wins);
      values = v128.shuffle<f32>(c, d, 1, 3, 5, 7);
      wins = takesPlace(values, greatest);
      v128.store(y + (<usize>column << 2), v128.bitselect(values, greatest, wins));
      v128.store(index + (<usize>column << 2), v128.bitselect(i32x4.add(first, across), places, wins));
    }
    x += rowBytes << 1;
    y += outWidth << 2;
    index += outWidth << 2;
  }
}

/** A greater value does, and so does a NaN. */
@inline
function takesPlace(values: v128, greatest: v128): v128 {
  return v128.or(f32x4.gt(values, greatest), f32x4.ne(values, values));
}
