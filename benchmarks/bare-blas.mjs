import { blas } from '@gradwire/tensor';
import { createRequire } from 'node:module';

/**
 * The product of the BLAS in use without Gradwire around it: a function that makes operands of n × n and returns a call that
 * multiplies them; null without BLAS.
 */
export function bareSgemm() {
  const { path } = blas();
  if (path === null) return null;
  const koffi = createRequire(import.meta.resolve('@gradwire/tensor'))('koffi'); // as Gradwire has it
  const sgemm = koffi
    .load(path)
    .func('void cblas_sgemm(int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int)');
  return (n) => {
    const [a, b, c] = [0, 1, 2].map((seed) => Float32Array.from({ length: n * n }, (_, i) => Math.sin(i + seed)));
    return () => sgemm(101, 111, 111, n, n, n, 1, a, n, b, n, 0, c, n);
  };
}
