/**
 * A program that multiplies by a BLAS, in a process of its own, since a library that does not fit may end the process that
 * calls it. Arguments: path of the library. It exits with 0 if all products are right, else it says on stderr what is wrong.
 */
import { bindSgemm, type Sgemm } from './bind.ts';

const SIZES = [
  [1, 1, 1],
  [3, 5, 7],
  [64, 10, 33],
  [90, 70, 130],
] as const;
const TOLERANCE = 1e-3; // sums of up to 130 products of numbers in [−1, 1]
const HEAP_BYTES = 4 << 20;

const heap = new SharedArrayBuffer(HEAP_BYTES);
const floats = new Float32Array(heap);

try {
  const sgemm = bindSgemm(process.argv[2] ?? '', heap);
  for (const [m, n, k] of SIZES) {
    for (const layout of [0, 1, 2, 3]) check(sgemm, m, n, k, layout & 1, layout >> 1);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

/** C = 2 + A·B with A and B as they are or transposed. */
function check(sgemm: Sgemm, m: number, n: number, k: number, transposeA: number, transposeB: number): void {
  const [a, b, c] = [0, m * k, m * k + k * n];
  for (let i = 0; i < c; i++) floats[i] = Math.sin(i + 1);
  floats.fill(2, c, c + m * n);
  sgemm(transposeA, transposeB, m, n, k, 4 * a, transposeA ? m : k, 4 * b, transposeB ? k : n, 1, 4 * c, n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 2;
      for (let p = 0; p < k; p++) {
        sum += floats[transposeA ? p * m + i : i * k + p]! * floats[b + (transposeB ? j * k + p : p * n + j)]!;
      }
      if (!(Math.abs(floats[c + i * n + j]! - sum) < TOLERANCE)) {
        throw new Error(`its product of ${m} × ${k} and ${k} × ${n} is wrong`);
      }
    }
  }
}
