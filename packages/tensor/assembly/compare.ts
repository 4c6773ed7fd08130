// Comparisons of two tensors, giving bool (one byte), and `where`, which reads one. Block: strided.ts.
import { address, innerSize, innerStride, nextRow, rowCount } from './strided';

const EQ = 0, NE = 1, LT = 2, LE = 3, GT = 4, GE = 5;

@inline function holds(op: i32, a: f32, b: f32): bool {
  if (op == EQ) return a == b;
  if (op == NE) return a != b;
  if (op == LT) return a < b;
  if (op == LE) return a <= b;
  if (op == GT) return a > b;
  return a >= b;
}

@inline function run(op: i32, p: usize): void {
  const n = innerSize(p);
  const strideA = <usize>(innerStride(p, 1) << 2);
  const strideB = <usize>(innerStride(p, 2) << 2);
  const rows = rowCount(p);
  let out = address(p, 0);
  for (let r = 0; r < rows; r++) {
    let a = address(p, 1);
    let b = address(p, 2);
    for (let i = 0; i < n; i++) {
      store<u8>(out++, <u8>holds(op, load<f32>(a), load<f32>(b)));
      a += strideA;
      b += strideB;
    }
    nextRow(p, 3, 6);
  }
}

export function eq(p: usize): void { run(EQ, p); }
export function ne(p: usize): void { run(NE, p); }
export function lt(p: usize): void { run(LT, p); }
export function le(p: usize): void { run(LE, p); }
export function gt(p: usize): void { run(GT, p); }
export function ge(p: usize): void { run(GE, p); }

/** out = a ? b : c, where a is bool. */
export function where(p: usize): void {
  const n = innerSize(p);
  const strideA = <usize>innerStride(p, 1);
  const strideB = <usize>(innerStride(p, 2) << 2);
  const strideC = <usize>(innerStride(p, 3) << 2);
  const rows = rowCount(p);
  let out = address(p, 0);
  for (let r = 0; r < rows; r++) {
    let a = address(p, 1);
    let b = address(p, 2);
    let c = address(p, 3);
    for (let i = 0; i < n; i++) {
      store<f32>(out, load<u8>(a) ? load<f32>(b) : load<f32>(c));
      out += 4;
      a += strideA;
      b += strideB;
      c += strideC;
    }
    nextRow(p, 4, 13);
  }
}
