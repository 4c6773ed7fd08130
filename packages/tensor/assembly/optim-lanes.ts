// What all optimizer steps share. Strict arithmetic in a fixed order: replicas stay equal bit for bit, however the buffers
// are cut. Block: words 0 parameter, 1 gradient, 2 3 4 buffers of state (0 where a variant has none), 5 n, 6 7 flags;
// doubles 0 factor of the gradient (−1 to maximise), 1 L2 decay, and from 2 on the numbers of each rule.
import { address, real } from './strided';

const NARROW: usize = 128; // 16 float32 copies of the doubles, where other kernels have strides

/** Writes the float32 copies that `number` reads. */
export function narrow(p: usize): void {
  for (let i: usize = 0; i < 16; i++) store<f32>(p + (i << 2), <f32>real(p, i), NARROW);
}

/** The i-th double of the block in all lanes. */
@inline export function number(p: usize, i: usize): v128 {
  return v128.load32_splat(p + (i << 2), NARROW);
}

@inline export function flag(p: usize, word: usize): bool {
  return load<i32>(p + (word << 2)) != 0;
}

/** Four elements, or one where there are no four left. */
@inline export function get(whole: bool, at: usize): v128 {
  return whole ? v128.load(at) : v128.load32_splat(at);
}

@inline export function put(whole: bool, at: usize, value: v128): void {
  if (whole) v128.store(at, value);
  else v128.store32_lane(at, value, 0);
}

/** Gradient of the objective with its L2 term; x is the parameter. */
@inline export function gradient(whole: bool, p: usize, at: usize, x: v128): v128 {
  const g = f32x4.mul(number(p, 0), get(whole, address(p, 1) + at));
  return f32x4.add(g, f32x4.mul(number(p, 1), x));
}

/** a·x + b·y */
@inline export function blend(a: v128, x: v128, b: v128, y: v128): v128 {
  return f32x4.add(f32x4.mul(a, x), f32x4.mul(b, y));
}

/** Moves the average in buffer `word` to decay·average + fresh·value, and returns it. */
@inline export function average(whole: bool, p: usize, word: usize, at: usize, decay: v128, fresh: v128, value: v128): v128 {
  const where = address(p, word) + at;
  const next = blend(decay, get(whole, where), fresh, value);
  put(whole, where, next);
  return next;
}
