/**
 * Winograd's minimal filtering F(4, 3) along a line (Lavin & Gray 2016): four results of a filter of three taps out of six
 * inputs, by six products instead of twelve, y = Aᵀ[(G·w) ⊙ (Bᵀ·x)]. The matrices evaluate polynomials at the points
 * 0, ±5/8, ±3/2 and ∞: all their powers are exact, and results have half the error that the usual 0, ±1, ±2 and ∞ give.
 * Each lane of a vector is a line of its own. Results are stored DOWN bytes apart, those
 * of filters `step` bytes.
 */
import { multiplyAdd } from './multiply-add';
import { DOWN } from './winograd-plan';

const P: f32 = 0.625;
const P2: f32 = P * P;
const P3: f32 = P * P2;
const Q: f32 = 1.5;
const Q2: f32 = Q * Q;
const Q3: f32 = Q * Q2;
/** What divides the filter's values at 0, ±P and ±Q: the product of a point's distances from all others. */
const AT_ZERO: f32 = 1 / (P2 * Q2);
const AT_P: f32 = 1 / (2 * P2 * (P2 - Q2));
const AT_Q: f32 = 1 / (2 * Q2 * (Q2 - P2));

/** Bᵀ·x */
@inline
export function inputLine(x0: v128, x1: v128, x2: v128, x3: v128, x4: v128, x5: v128, to: usize): void {
  const product = f32x4.splat(P2 * Q2);
  const sum = f32x4.splat(-P2 - Q2);
  v128.store(to, multiplyAdd(product, x0, multiplyAdd(sum, x2, x4)));
  const evenP = multiplyAdd(f32x4.splat(-Q2), x2, x4);
  const oddP = multiplyAdd(f32x4.splat(-Q2), x1, x3);
  v128.store(to, multiplyAdd(f32x4.splat(P), oddP, evenP), DOWN);
  v128.store(to, multiplyAdd(f32x4.splat(-P), oddP, evenP), 2 * DOWN);
  const evenQ = multiplyAdd(f32x4.splat(-P2), x2, x4);
  const oddQ = multiplyAdd(f32x4.splat(-P2), x1, x3);
  v128.store(to, multiplyAdd(f32x4.splat(Q), oddQ, evenQ), 3 * DOWN);
  v128.store(to, multiplyAdd(f32x4.splat(-Q), oddQ, evenQ), 4 * DOWN);
  v128.store(to, multiplyAdd(product, x1, multiplyAdd(sum, x3, x5)), 5 * DOWN);
}

/** G·w */
@inline
export function filterLine(w0: v128, w1: v128, w2: v128, to: usize, step: usize): void {
  v128.store(to, f32x4.mul(f32x4.splat(AT_ZERO), w0));
  const evenP = f32x4.mul(f32x4.splat(AT_P), multiplyAdd(f32x4.splat(P2), w2, w0));
  const oddP = f32x4.mul(f32x4.splat(AT_P * P), w1);
  v128.store(to + step, f32x4.add(evenP, oddP));
  v128.store(to + 2 * step, f32x4.sub(evenP, oddP));
  const evenQ = f32x4.mul(f32x4.splat(AT_Q), multiplyAdd(f32x4.splat(Q2), w2, w0));
  const oddQ = f32x4.mul(f32x4.splat(AT_Q * Q), w1);
  v128.store(to + 3 * step, f32x4.add(evenQ, oddQ));
  v128.store(to + 4 * step, f32x4.sub(evenQ, oddQ));
  v128.store(to + 5 * step, w2);
}

/** Aᵀ·m */
@inline
export function outputLine(m0: v128, m1: v128, m2: v128, m3: v128, m4: v128, m5: v128, to: usize): void {
  const evenP = f32x4.add(m1, m2), oddP = f32x4.sub(m1, m2);
  const evenQ = f32x4.add(m3, m4), oddQ = f32x4.sub(m3, m4);
  v128.store(to, f32x4.add(m0, f32x4.add(evenP, evenQ)));
  v128.store(to, multiplyAdd(f32x4.splat(P), oddP, f32x4.mul(f32x4.splat(Q), oddQ)), DOWN);
  v128.store(to, multiplyAdd(f32x4.splat(P2), evenP, f32x4.mul(f32x4.splat(Q2), evenQ)), 2 * DOWN);
  v128.store(to, multiplyAdd(f32x4.splat(P3), oddP, multiplyAdd(f32x4.splat(Q3), oddQ, m5)), 3 * DOWN);
}

/** A·y, of the gradient y of four results. */
@inline
export function outputGradientLine(y0: v128, y1: v128, y2: v128, y3: v128, to: usize): void {
  v128.store(to, y0);
  const evenP = multiplyAdd(f32x4.splat(P2), y2, y0);
  const oddP = multiplyAdd(f32x4.splat(P3), y3, f32x4.mul(f32x4.splat(P), y1));
  v128.store(to, f32x4.add(evenP, oddP), DOWN);
  v128.store(to, f32x4.sub(evenP, oddP), 2 * DOWN);
  const evenQ = multiplyAdd(f32x4.splat(Q2), y2, y0);
  const oddQ = multiplyAdd(f32x4.splat(Q3), y3, f32x4.mul(f32x4.splat(Q), y1));
  v128.store(to, f32x4.add(evenQ, oddQ), 3 * DOWN);
  v128.store(to, f32x4.sub(evenQ, oddQ), 4 * DOWN);
  v128.store(to, y3, 5 * DOWN);
}

/** Gᵀ·m, the gradient of three taps. */
@inline
export function filterGradientLine(
  m0: v128, m1: v128, m2: v128, m3: v128, m4: v128, m5: v128, to: usize, step: usize,
): void {
  const evenP = f32x4.mul(f32x4.splat(AT_P), f32x4.add(m1, m2));
  const oddP = f32x4.mul(f32x4.splat(AT_P * P), f32x4.sub(m1, m2));
  const evenQ = f32x4.mul(f32x4.splat(AT_Q), f32x4.add(m3, m4));
  const oddQ = f32x4.mul(f32x4.splat(AT_Q * Q), f32x4.sub(m3, m4));
  v128.store(to, multiplyAdd(f32x4.splat(AT_ZERO), m0, f32x4.add(evenP, evenQ)));
  v128.store(to + step, f32x4.add(oddP, oddQ));
  v128.store(to + 2 * step, multiplyAdd(f32x4.splat(P2), evenP, multiplyAdd(f32x4.splat(Q2), evenQ, m5)));
}
