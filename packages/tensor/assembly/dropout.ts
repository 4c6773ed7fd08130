// Dropout with counter-based random numbers: the mask is computed where it is needed and never stored. x:
// [repeats, units, inner]; unit u is dropped if number u of the stream lies below the threshold. Block words: 0 x, 1 y,
// 2 repeats, 3 units, 4 inner, 5 and 6 counter of the first four numbers, 7 and 8 stream, 9 and 10 seed (low, high),
// 11 threshold; double 0: the factor of what is kept.
import { draw, drawn } from './philox';

/** y = x·factor where the unit is kept, else 0. */
export function dropout(p: usize): void {
  const repeats = load<i32>(p, 8), units = load<i32>(p, 12), inner = load<i32>(p, 16);
  const bytes = <usize>inner << 2;
  let x = <usize>load<u32>(p), y = <usize>load<u32>(p, 4);
  for (let r = 0; r < repeats; r++) {
    for (let u = 0; u < units; u += 16) {
      draw(p, u >> 2);
      const end = min(16, units - u);
      if (inner == 1 && end == 16) {
        keepSixteen(p, y, x);
        x += 64;
        y += 64;
      } else {
        for (let k = 0; k < end; k++, x += bytes, y += bytes) keepUnit(p, y, x, inner, load<u32>(drawn() + (<usize>k << 2)));
      }
    }
  }
}

@inline function keepSixteen(p: usize, y: usize, x: usize): void {
  const threshold = i32x4.splat(load<i32>(p, 44) ^ i32.MIN_VALUE);
  const factor = f32x4.splat(<f32>load<f64>(p, 256)), sign = i32x4.splat(i32.MIN_VALUE);
  for (let at: usize = 0; at < 64; at += 16) {
    // Unsigned comparison: both sides with the sign bit turned.
    const dropped = i32x4.lt_s(v128.xor(v128.load(drawn() + at), sign), threshold);
    v128.store(y + at, v128.andnot(f32x4.mul(v128.load(x + at), factor), dropped));
  }
}

function keepUnit(p: usize, y: usize, x: usize, inner: i32, number: u32): void {
  if (number < load<u32>(p, 44)) {
    memory.fill(y, 0, <usize>inner << 2);
    return;
  }
  const factor = <f32>load<f64>(p, 256);
  for (let k = 0; k < inner; k++, x += 4, y += 4) store<f32>(y, load<f32>(x) * factor);
}
