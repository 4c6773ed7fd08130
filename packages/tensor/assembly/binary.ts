// Elementwise functions of two tensors. Block: strided.ts with operands out, a and b; out is row-major.
import { address, innerSize, innerStride, nextRow, real, rowCount } from './strided';
import { bell4, exp4, normal4, sigmoid4, tanh4, tanhSoftplus4 } from './math';

const ADD = 0, SUB = 1, MUL = 2, DIV = 3, MAXIMUM = 4, MINIMUM = 5, RELU_GRAD = 6, TANH_GRAD = 7, SIGMOID_GRAD = 8,
  LEAKY_RELU_GRAD = 9, GELU_GRAD = 10, GELU_TANH_GRAD = 11, SILU_GRAD = 12, SOFTPLUS_GRAD = 13, ELU_GRAD = 14,
  CLAMP_GRAD = 15, SOFTSIGN_GRAD = 16, MISH_GRAD = 17, HARDTANH_GRAD = 18, HARDSWISH_GRAD = 19;

@inline function splat(x: f32): v128 {
  return f32x4.splat(x);
}

/** f(a, b) on four lanes; in the …_GRAD functions a is dL/dy, and b is y or x, as each line says. */
@inline function apply(op: i32, a: v128, b: v128, s: f32, t: f32): v128 {
  if (op == ADD) return f32x4.add(a, b);
  if (op == SUB) return f32x4.sub(a, b);
  if (op == MUL) return f32x4.mul(a, b);
  if (op == DIV) return f32x4.div(a, b);
  if (op == MAXIMUM) return f32x4.max(a, b);
  if (op == MINIMUM) return f32x4.min(a, b);
  if (op == RELU_GRAD) return v128.and(a, f32x4.gt(b, splat(0))); // b = y
  if (op == TANH_GRAD) return f32x4.mul(a, f32x4.sub(splat(1), f32x4.mul(b, b))); // b = y
  if (op == SIGMOID_GRAD) return f32x4.mul(a, f32x4.mul(b, f32x4.sub(splat(1), b))); // b = y
  if (op == LEAKY_RELU_GRAD) return v128.bitselect(a, f32x4.mul(a, splat(s)), f32x4.gt(b, splat(0))); // b = x
  if (op == GELU_GRAD) { // b = x: Φ(x) + x·φ(x)
    const bell = bell4(b);
    const density = f32x4.mul(bell, splat(0.3989422804014327));
    return f32x4.mul(a, f32x4.add(normal4(b, bell), f32x4.mul(b, density)));
  }
  if (op == GELU_TANH_GRAD) { // b = x
    const square = f32x4.mul(b, b);
    const inner = f32x4.mul(f32x4.add(b, f32x4.mul(f32x4.mul(square, b), splat(0.044715))), splat(0.79788456080286536));
    const slope = f32x4.mul(f32x4.add(splat(1), f32x4.mul(square, splat(0.134145))), splat(0.79788456080286536));
    const th = tanh4(inner);
    const left = f32x4.mul(splat(0.5), f32x4.add(splat(1), th));
    const right = f32x4.mul(f32x4.mul(f32x4.mul(splat(0.5), b), f32x4.sub(splat(1), f32x4.mul(th, th))), slope);
    return f32x4.mul(a, f32x4.add(left, right));
  }
  if (op == SILU_GRAD) { // b = x
    const y = sigmoid4(b);
    return f32x4.mul(a, f32x4.mul(y, f32x4.add(splat(1), f32x4.mul(b, f32x4.sub(splat(1), y)))));
  }
  if (op == SOFTPLUS_GRAD) { // b = x
    const scaled = f32x4.mul(b, splat(s));
    return v128.bitselect(a, f32x4.mul(a, sigmoid4(scaled)), f32x4.gt(scaled, splat(t)));
  }
  if (op == ELU_GRAD) return v128.bitselect(a, f32x4.mul(a, f32x4.mul(splat(s), exp4(b))), f32x4.gt(b, splat(0))); // b = x
  if (op == SOFTSIGN_GRAD) { // b = x
    const size = f32x4.add(splat(1), f32x4.abs(b));
    return f32x4.div(f32x4.div(a, size), size);
  }
  if (op == MISH_GRAD) { // b = x
    const th = tanhSoftplus4(b);
    const slope = f32x4.mul(f32x4.mul(b, f32x4.sub(splat(1), f32x4.mul(th, th))), sigmoid4(b));
    return f32x4.mul(a, f32x4.add(th, slope));
  }
  if (op == HARDTANH_GRAD) return v128.and(a, v128.and(f32x4.gt(b, splat(s)), f32x4.lt(b, splat(t)))); // b = x
  if (op == HARDSWISH_GRAD) { // b = x
    const middle = f32x4.mul(a, f32x4.add(f32x4.mul(b, splat(0.33333333333333333)), splat(0.5)));
    return v128.bitselect(a, v128.and(middle, f32x4.ge(b, splat(-3))), f32x4.gt(b, splat(3)));
  }
  return v128.and(a, v128.and(f32x4.ge(b, splat(s)), f32x4.le(b, splat(t)))); // CLAMP_GRAD, b = x
}

@inline function run(op: i32, p: usize): void {
  const n = innerSize(p);
  const strideA = innerStride(p, 1);
  const strideB = innerStride(p, 2);
  const rows = rowCount(p);
  const s = <f32>real(p, 0), t = <f32>real(p, 1);
  let out = address(p, 0);
  for (let r = 0; r < rows; r++) {
    let a = address(p, 1);
    let b = address(p, 2);
    let i = 0;
    if (strideA == 1 && strideB == 1) {
      for (; i + 4 <= n; i += 4) {
        v128.store(out, apply(op, v128.load(a), v128.load(b), s, t));
        a += 16;
        b += 16;
        out += 16;
      }
    } else if (strideA == 1 && strideB == 0) {
      const same = v128.load32_splat(b);
      for (; i + 4 <= n; i += 4) {
        v128.store(out, apply(op, v128.load(a), same, s, t));
        a += 16;
        out += 16;
      }
    } else if (strideA == 0 && strideB == 1) {
      const same = v128.load32_splat(a);
      for (; i + 4 <= n; i += 4) {
        v128.store(out, apply(op, same, v128.load(b), s, t));
        b += 16;
        out += 16;
      }
    }
    for (; i < n; i++) {
      store<f32>(out, f32x4.extract_lane(apply(op, v128.load32_splat(a), v128.load32_splat(b), s, t), 0));
      a += <usize>(strideA << 2);
      b += <usize>(strideB << 2);
      out += 4;
    }
    nextRow(p, 3, 7);
  }
}

export function add(p: usize): void { run(ADD, p); }
export function sub(p: usize): void { run(SUB, p); }
export function mul(p: usize): void { run(MUL, p); }
export function div(p: usize): void { run(DIV, p); }
export function maximum(p: usize): void { run(MAXIMUM, p); }
export function minimum(p: usize): void { run(MINIMUM, p); }
export function reluGrad(p: usize): void { run(RELU_GRAD, p); }
export function tanhGrad(p: usize): void { run(TANH_GRAD, p); }
export function sigmoidGrad(p: usize): void { run(SIGMOID_GRAD, p); }
export function leakyReluGrad(p: usize): void { run(LEAKY_RELU_GRAD, p); }
export function geluGrad(p: usize): void { run(GELU_GRAD, p); }
export function geluTanhGrad(p: usize): void { run(GELU_TANH_GRAD, p); }
export function siluGrad(p: usize): void { run(SILU_GRAD, p); }
export function softplusGrad(p: usize): void { run(SOFTPLUS_GRAD, p); }
export function eluGrad(p: usize): void { run(ELU_GRAD, p); }
export function clampGrad(p: usize): void { run(CLAMP_GRAD, p); }

export function softsignGrad(p: usize): void { run(SOFTSIGN_GRAD, p); }
export function mishGrad(p: usize): void { run(MISH_GRAD, p); }
export function hardtanhGrad(p: usize): void { run(HARDTANH_GRAD, p); }
export function hardswishGrad(p: usize): void { run(HARDSWISH_GRAD, p); }

/** out = aᵇ. */
export function pow(p: usize): void { runScalar(true, p); }
/** out = a − b·⌊a/b⌋. */
export function remainder(p: usize): void { runScalar(false, p); }

@inline function runScalar(power: bool, p: usize): void {
  const n = innerSize(p);
  const strideA = innerStride(p, 1);
  const strideB = innerStride(p, 2);
  const rows = rowCount(p);
  let out = address(p, 0);
  for (let r = 0; r < rows; r++) {
    let a = address(p, 1);
    let b = address(p, 2);
    for (let i = 0; i < n; i++) {
      const x = load<f32>(a), y = load<f32>(b);
      store<f32>(out, power ? <f32>NativeMath.pow(x, y) : <f32>rest(x, y));
      a += <usize>(strideA << 2);
      b += <usize>(strideB << 2);
      out += 4;
    }
    nextRow(p, 3, 7);
  }
}

function rest(a: f64, b: f64): f64 {
  const left = NativeMath.mod(a, b);
  return left != 0 && (left < 0) != (b < 0) ? left + b : left;
}
