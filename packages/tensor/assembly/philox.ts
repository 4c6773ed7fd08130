// Philox4x32-10 (Salmon et al. 2011): the same numbers as src/random/philox.ts.
import { workAddress } from './scratch';

const MULTIPLIER_0: u64 = 0xd2511f53;
const MULTIPLIER_1: u64 = 0xcd9e8d57;
const WEYL_0: u32 = 0x9e3779b9;
const WEYL_1: u32 = 0xbb67ae85;

/** The four numbers of one counter under a key. */
@inline
export function philox4(c0: u32, c1: u32, c2: u32, c3: u32, k0: u32, k1: u32): v128 {
  for (let round = 0; round < 10; round++) {
    const product0 = MULTIPLIER_0 * <u64>c0;
    const product1 = MULTIPLIER_1 * <u64>c2;
    c0 = <u32>(product1 >> 32) ^ c1 ^ k0;
    c1 = <u32>product1;
    c2 = <u32>(product0 >> 32) ^ c3 ^ k1;
    c3 = <u32>product0;
    k0 += WEYL_0;
    k1 += WEYL_1;
  }
  let four = i32x4.splat(c0);
  four = i32x4.replace_lane(four, 1, c1);
  four = i32x4.replace_lane(four, 2, c2);
  return i32x4.replace_lane(four, 3, c3);
}

/** Where `draw` leaves its sixteen numbers. */
@inline export function drawn(): usize {
  return workAddress();
}

@inline function low(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
}

@inline function high(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
}

/** Sixteen numbers, those of counters first + from … + 3. The counter, stream and seed stand in the block of dropout.ts. */
export function draw(p: usize, from: i32): void {
  const numbers = drawn();
  const first = (<u64>load<u32>(p, 24) << 32 | <u64>load<u32>(p, 20)) + <u64>from;
  let c0 = i32x4.splat(0), c1 = i32x4.splat(0);
  for (let k = 0; k < 4; k++) {
    store<u32>(numbers + (<usize>k << 2), <u32>(first + k));
    store<u32>(numbers + 16 + (<usize>k << 2), <u32>((first + k) >> 32));
  }
  c0 = v128.load(numbers);
  c1 = v128.load(numbers, 16);
  let c2 = i32x4.splat(load<i32>(p, 28)), c3 = i32x4.splat(load<i32>(p, 32));
  let k0 = i32x4.splat(load<i32>(p, 36)), k1 = i32x4.splat(load<i32>(p, 40));
  const m0 = i32x4.splat(<i32>MULTIPLIER_0), m1 = i32x4.splat(<i32>MULTIPLIER_1);
  for (let round = 0; round < 10; round++) {
    const a = i64x2.extmul_low_i32x4_u(m0, c0), b = i64x2.extmul_high_i32x4_u(m0, c0);
    const c = i64x2.extmul_low_i32x4_u(m1, c2), d = i64x2.extmul_high_i32x4_u(m1, c2);
    c0 = v128.xor(v128.xor(high(c, d), c1), k0);
    c1 = low(c, d);
    c2 = v128.xor(v128.xor(high(a, b), c3), k1);
    c3 = low(a, b);
    k0 = i32x4.add(k0, i32x4.splat(WEYL_0));
    k1 = i32x4.add(k1, i32x4.splat(WEYL_1));
  }
  // Lanes are counters: transpose, so that each counter's four numbers lie together.
  const s = i32x4.shuffle(c0, c1, 0, 4, 1, 5), t = i32x4.shuffle(c2, c3, 0, 4, 1, 5);
  const u = i32x4.shuffle(c0, c1, 2, 6, 3, 7), v = i32x4.shuffle(c2, c3, 2, 6, 3, 7);
  v128.store(numbers, i64x2.shuffle(s, t, 0, 2));
  v128.store(numbers, i64x2.shuffle(s, t, 1, 3), 16);
  v128.store(numbers, i64x2.shuffle(u, v, 0, 2), 32);
  v128.store(numbers, i64x2.shuffle(u, v, 1, 3), 48);
}
