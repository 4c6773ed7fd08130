/** The BLAS of this thread, looked for when a large product first asks for it. */
import { isMainThread } from 'node:worker_threads';
import { heapMemory } from '../../heap/memory.ts';
import { bindSgemm, type Sgemm } from './bind.ts';
import { chooseBlas, type BlasChoice } from './choose.ts';

let choice: BlasChoice | undefined;
let bound: Sgemm | undefined;

/** The BLAS in use: path of its library, or null; and why. GRADWIRE_BLAS can be auto (the default), off or a path. */
export function blas(): BlasChoice {
  return (choice ??= open(process.env['GRADWIRE_BLAS'] || 'auto'));
}

/** What the kernels call for a product; tells them with false that there is no BLAS. */
export const sgemm: (...values: Parameters<Sgemm>) => boolean = (tA, tB, m, n, k, a, lda, b, ldb, adds, c, ldc) => {
  if (bound === undefined && blas().path === null) return false;
  bound!(tA, tB, m, n, k, a, lda, b, ldb, adds, c, ldc);
  return true;
};

function open(wanted: string): BlasChoice {
  const chosen = chooseBlas(wanted);
  if (chosen.path !== null) bound = bindSgemm(chosen.path, heapMemory().buffer);
  else if (wanted !== 'auto' && wanted !== 'off' && isMainThread) {
    process.emitWarning(`GRADWIRE_BLAS: ${chosen.reason}; WebAssembly computes all products instead`);
  }
  return chosen;
}
