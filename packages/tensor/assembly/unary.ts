// Elementwise functions of one tensor. Block: strided.ts with operands out and a; out is row-major.
import { address, innerSize, innerStride, nextRow, real, rowCount } from './strided';
import { bell4, erf4, exp4, expm14, log1p4, log4, normal4, sigmoid4, tanh4, tanhSoftplus4 } from './math';

const NEG = 0, ABS = 1, EXP = 2, LOG = 3, LOG1P = 4, SQRT = 5, RSQRT = 6, SIN = 7, COS = 8, TANH = 9, SIGMOID = 10,
  ERF = 11, RELU = 12, SIGN = 13, LEAKY_RELU = 14, GELU = 15, GELU_TANH = 16, SILU = 17, SOFTPLUS = 18, ELU = 19,
  CLAMP = 20, ADD_SCALAR = 21, MUL_SCALAR = 22, FLOOR = 23, CEIL = 24, ROUND = 25, TRUNC = 26, SOFTSIGN = 27, MISH = 28, HARDSWISH = 29;

@inline function zero(): v128 {
  return f32x4.splat(0);
}

/** f(a) on four lanes; s and t are the block's first two doubles. */
@inline function apply(op: i32, a: v128, s: f32, t: f32): v128 {
  if (op == NEG) return f32x4.neg(a);
  if (op == ABS) return f32x4.abs(a);
  if (op == EXP) return exp4(a);
  if (op == LOG) return log4(a);
  if (op == LOG1P) return log1p4(a);
  if (op == SQRT) return f32x4.sqrt(a);
  if (op == RSQRT) return f32x4.div(f32x4.splat(1), f32x4.sqrt(a));
  if (op == SIN) return sin4(a);
  if (op == COS) return cos4(a);
  if (op == TANH) return tanh4(a);
  if (op == SIGMOID) return sigmoid4(a);
  if (op == ERF) return erf4(a);
  if (op == RELU) return v128.bitselect(zero(), a, f32x4.lt(a, zero())); // NaN stays NaN
  if (op == SIGN) return f32x4.sub(v128.and(f32x4.gt(a, zero()), f32x4.splat(1)), v128.and(f32x4.lt(a, zero()), f32x4.splat(1)));
  if (op == LEAKY_RELU) return v128.bitselect(a, f32x4.mul(a, f32x4.splat(s)), f32x4.gt(a, zero()));
  if (op == GELU) return f32x4.mul(a, normal4(a, bell4(a)));
  if (op == GELU_TANH) {
    const cubic = f32x4.add(a, f32x4.mul(f32x4.mul(f32x4.mul(a, a), a), f32x4.splat(0.044715)));
    const cdf = f32x4.add(f32x4.splat(1), tanh4(f32x4.mul(cubic, f32x4.splat(0.79788456080286536))));
    return f32x4.mul(f32x4.mul(a, f32x4.splat(0.5)), cdf);
  }
  if (op == SILU) return f32x4.mul(a, sigmoid4(a));
  if (op == SOFTPLUS) { // ln(1 + e^(s·a))/s, and a itself above the threshold t
    const scaled = f32x4.mul(a, f32x4.splat(s));
    const soft = f32x4.div(log1p4(exp4(scaled)), f32x4.splat(s));
    return v128.bitselect(a, soft, f32x4.gt(scaled, f32x4.splat(t)));
  }
  if (op == ELU) {
    const negative = f32x4.mul(expm14(a), f32x4.splat(s));
    return v128.bitselect(a, negative, f32x4.gt(a, zero()));
  }
  if (op == CLAMP) return f32x4.min(f32x4.max(a, f32x4.splat(s)), f32x4.splat(t));
  if (op == SOFTSIGN) return f32x4.div(a, f32x4.add(f32x4.splat(1), f32x4.abs(a)));
  if (op == MISH) return f32x4.mul(a, tanhSoftplus4(a));
  if (op == HARDSWISH) {
    const gate = f32x4.min(f32x4.max(f32x4.add(a, f32x4.splat(3)), zero()), f32x4.splat(6));
    return f32x4.mul(a, f32x4.mul(gate, f32x4.splat(0.16666666666666667)));
  }
  if (op == FLOOR) return f32x4.floor(a);
  if (op == CEIL) return f32x4.ceil(a);
  if (op == ROUND) return f32x4.nearest(a);
  if (op == TRUNC) return f32x4.trunc(a);
  if (op == ADD_SCALAR) return f32x4.add(a, f32x4.splat(s));
  return f32x4.mul(a, f32x4.splat(s));
}

@inline function run(op: i32, p: usize): void {
  const n = innerSize(p);
  const stride = innerStride(p, 1);
  const rows = rowCount(p);
  const s = <f32>real(p, 0), t = <f32>real(p, 1);
  let out = address(p, 0);
  for (let r = 0; r < rows; r++) {
    let a = address(p, 1);
    let i = 0;
    if (stride == 1) {
      for (; i + 4 <= n; i += 4) {
        v128.store(out, apply(op, v128.load(a), s, t));
        a += 16;
        out += 16;
      }
    }
    for (; i < n; i++) {
      store<f32>(out, f32x4.extract_lane(apply(op, v128.load32_splat(a), s, t), 0));
      a += <usize>(stride << 2);
      out += 4;
    }
    nextRow(p, 2, 3);
  }
}

function sin4(x: v128): v128 {
  let y = f32x4.splat(<f32>NativeMath.sin(f32x4.extract_lane(x, 0)));
  y = f32x4.replace_lane(y, 1, <f32>NativeMath.sin(f32x4.extract_lane(x, 1)));
  y = f32x4.replace_lane(y, 2, <f32>NativeMath.sin(f32x4.extract_lane(x, 2)));
  return f32x4.replace_lane(y, 3, <f32>NativeMath.sin(f32x4.extract_lane(x, 3)));
}

function cos4(x: v128): v128 {
  let y = f32x4.splat(<f32>NativeMath.cos(f32x4.extract_lane(x, 0)));
  y = f32x4.replace_lane(y, 1, <f32>NativeMath.cos(f32x4.extract_lane(x, 1)));
  y = f32x4.replace_lane(y, 2, <f32>NativeMath.cos(f32x4.extract_lane(x, 2)));
  return f32x4.replace_lane(y, 3, <f32>NativeMath.cos(f32x4.extract_lane(x, 3)));
}

export function neg(p: usize): void { run(NEG, p); }
export function abs(p: usize): void { run(ABS, p); }
export function exp(p: usize): void { run(EXP, p); }
export function log(p: usize): void { run(LOG, p); }
export function log1p(p: usize): void { run(LOG1P, p); }
export function sqrt(p: usize): void { run(SQRT, p); }
export function rsqrt(p: usize): void { run(RSQRT, p); }
export function sin(p: usize): void { run(SIN, p); }
export function cos(p: usize): void { run(COS, p); }
export function tanh(p: usize): void { run(TANH, p); }
export function sigmoid(p: usize): void { run(SIGMOID, p); }
export function erf(p: usize): void { run(ERF, p); }
export function relu(p: usize): void { run(RELU, p); }
export function sign(p: usize): void { run(SIGN, p); }
export function leakyRelu(p: usize): void { run(LEAKY_RELU, p); }
export function gelu(p: usize): void { run(GELU, p); }
export function geluTanh(p: usize): void { run(GELU_TANH, p); }
export function silu(p: usize): void { run(SILU, p); }
export function softplus(p: usize): void { run(SOFTPLUS, p); }
export function elu(p: usize): void { run(ELU, p); }
export function clamp(p: usize): void { run(CLAMP, p); }
export function addScalar(p: usize): void { run(ADD_SCALAR, p); }
export function mulScalar(p: usize): void { run(MUL_SCALAR, p); }

export function floor(p: usize): void { run(FLOOR, p); }
export function ceil(p: usize): void { run(CEIL, p); }
export function round(p: usize): void { run(ROUND, p); }
export function trunc(p: usize): void { run(TRUNC, p); }

export function softsign(p: usize): void { run(SOFTSIGN, p); }
export function mish(p: usize): void { run(MISH, p); }
export function hardswish(p: usize): void { run(HARDSWISH, p); }

/** out = aˢ. */
export function powScalar(p: usize): void {
  const n = innerSize(p);
  const stride = innerStride(p, 1);
  const rows = rowCount(p);
  const s = real(p, 0);
  let out = address(p, 0);
  for (let r = 0; r < rows; r++) {
    let a = address(p, 1);
    for (let i = 0; i < n; i++) {
      const x = load<f32>(a);
      store<f32>(out, s == 2 ? x * x : <f32>NativeMath.pow(x, s));
      a += <usize>(stride << 2);
      out += 4;
    }
    nextRow(p, 2, 3);
  }
}
