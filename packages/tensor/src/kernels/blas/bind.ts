/** Binds the single-precision product of a BLAS through koffi, an optional dependency that needs no build. */
import { createRequire } from 'node:module';

/** c = a·b, or c + a·b if `accumulate`, row-major; addresses in bytes from the start of the heap. */
export type Sgemm = (
  transposeA: number,
  transposeB: number,
  m: number,
  n: number,
  k: number,
  a: number,
  lda: number,
  b: number,
  ldb: number,
  accumulate: number,
  c: number,
  ldc: number,
) => void;

type Native = (...values: number[]) => void;
interface Library {
  func(prototype: string): Native;
}
interface Koffi {
  readonly version: string;
  load(path: string): Library;
  address(array: Uint8Array): bigint;
}

const SGEMM =
  'void cblas_sgemm(int order, int transA, int transB, int m, int n, int k, float alpha, ' +
  'uintptr_t a, int lda, uintptr_t b, int ldb, float beta, uintptr_t c, int ldc)';
const ROW_MAJOR = 101;
const AS_IS = 111; // a transposed matrix is one more

/** Gradwire has a thread for each core itself, so each library is held to one; it has one of these, or an own variable. */
const SET_THREADS = [
  'void openblas_set_num_threads(int n)',
  'void MKL_Set_Num_Threads(int n)',
  'void bli_thread_set_num_threads(int64_t n)',
];
const THREAD_VARIABLES = [
  'OPENBLAS_NUM_THREADS',
  'OMP_NUM_THREADS',
  'MKL_NUM_THREADS',
  'BLIS_NUM_THREADS',
  'VECLIB_MAXIMUM_THREADS',
];

/** Throws what koffi says if it is not installed, or the library cannot be opened or has no cblas_sgemm. */
export function bindSgemm(path: string, heap: SharedArrayBuffer): Sgemm {
  const koffi = loadKoffi();
  const library = withOneThread(() => koffi.load(path));
  for (const prototype of SET_THREADS) setThreads(library, prototype);
  const native = library.func(SGEMM);
  const base = Number(koffi.address(new Uint8Array(heap)));
  return (transposeA, transposeB, m, n, k, a, lda, b, ldb, accumulate, c, ldc) =>
    native(
      ROW_MAJOR,
      AS_IS + transposeA,
      AS_IS + transposeB,
      m,
      n,
      k,
      1,
      base + (a >>> 0),
      lda,
      base + (b >>> 0),
      ldb,
      accumulate,
      base + (c >>> 0),
      ldc,
    );
}

export function loadKoffi(): Koffi {
  return createRequire(import.meta.url)('koffi') as Koffi;
}

/** While a library is opened it reads how many threads to start; the program's own settings come back afterwards. */
function withOneThread<T>(open: () => T): T {
  const before = THREAD_VARIABLES.map((name) => [name, process.env[name]] as const);
  for (const name of THREAD_VARIABLES) process.env[name] = '1';
  try {
    return open();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

function setThreads(library: Library, prototype: string): void {
  let set: Native;
  try {
    set = library.func(prototype);
  } catch {
    return; // another library's name for it
  }
  set(1);
}
