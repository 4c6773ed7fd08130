import { multiply } from './gemm-blocks';
import { workAddress, zeros } from './scratch';

const OVERWRITE: usize = 0;
const ADD: usize = 1;

/**
 * C = start + A·B for each of a batch: A: [m, k], B: [k, n] with any strides, C: [m, n] with rows of unit stride.
 * Words: A, B, C addresses; m, n, k; row and column strides of A, of B; row stride of C; mode (0 start from nothing,
 * 1 from C, 2 from the row of n floats at word 12); bias row; batch count; batch strides of A, B, C. Strides in elements.
 */
export function gemm(p: usize): void {
  let a: usize = load<u32>(p);
  let b: usize = load<u32>(p, 4);
  let c: usize = load<u32>(p, 8);
  const m: usize = load<u32>(p, 12);
  const n: usize = load<u32>(p, 16);
  const k: usize = load<u32>(p, 20);
  const cRow: usize = load<u32>(p, 40) << 2;
  const mode: usize = load<u32>(p, 44);
  const initRow = mode == ADD ? cRow : 0;
  const initColumn: usize = mode == OVERWRITE ? 0 : 4;
  for (let batch: usize = load<u32>(p, 52); batch != 0; batch--) {
    const init = mode == ADD ? c : mode == OVERWRITE ? zeros() : <usize>load<u32>(p, 48);
    multiply(
      m, n, k, a, load<u32>(p, 24) << 2, load<u32>(p, 28) << 2, b, load<u32>(p, 32) << 2, load<u32>(p, 36) << 2,
      init, initRow, initColumn, c, cRow, workAddress(),
    );
    a += load<u32>(p, 56) << 2;
    b += load<u32>(p, 60) << 2;
    c += load<u32>(p, 64) << 2;
  }
}
