/** Which kernels compute a dtype: WebAssembly for float32, the plain TypeScript reference for every other type. */
import type { DType } from '../dtype.ts';
import { GradwireError } from '../errors.ts';
import { views } from '../heap/memory.ts';
import { blas } from './blas/sgemm.ts';
import { openBlock } from './block.ts';
import type { HeapView } from './reference/heap-view.ts';
import { referenceKernels } from './reference/table.ts';
import { hasRelaxedSimd, loadWasm } from './wasm.ts';

export type KernelName = keyof typeof referenceKernels;
export type Kernels = Readonly<Record<KernelName, (p: number) => void>>;
export type KernelVariant = 'relaxed' | 'strict' | 'reference';
export type KernelBackend = 'wasm' | 'wasm+blas' | 'reference';
type Compiled = Kernels & { setBlas(products: number): void };

/** Multiplications from which on a product is faster by BLAS, its call included (docs/performance.md). */
const BLAS_FROM = 4096;

let variant: KernelVariant | undefined;
let float32: Kernels | undefined;
let blasFrom: number | undefined;
const compiled = new Map<KernelVariant, Compiled>(); // each keeps its scratch memory, so it is loaded once
let float64: Kernels | undefined;
let int32: Kernels | undefined;
let bytes: Kernels | undefined;

export function kernelsFor(dtype: DType): Kernels {
  if (dtype === 'float32') return (float32 ??= loadFloat32());
  if (dtype === 'float64') return (float64 ??= reference(views.f64, 3));
  if (dtype === 'int32') return (int32 ??= reference(views.i32, 2));
  return (bytes ??= reference(views.u8, 0));
}

/**
 * The float32 kernels in use: 'relaxed' or 'strict' SIMD, or 'reference' (plain TypeScript). The fastest that this
 * Node.js runs, unless GRADWIRE_KERNELS names one.
 */
export function kernelVariant(): KernelVariant {
  return (variant ??= chooseVariant());
}

/** What computes float32: WebAssembly alone, or with a BLAS of the system for large products; or the reference. */
export function kernelBackend(): KernelBackend {
  if (kernelVariant() === 'reference') return 'reference';
  return (blasFrom ??= defaultBlasFrom()) !== 0 && blas().path !== null ? 'wasm+blas' : 'wasm';
}

/**
 * Changes the float32 kernels of this thread; for tests and comparisons. Products of `blasProducts` multiplications or more
 * go to BLAS where there is one; 0: none do.
 */
export function useKernels(wanted: KernelVariant, blasProducts = 0): void {
  variant = wanted;
  blasFrom = blasProducts;
  float32 = undefined;
}

/** GRADWIRE_KERNELS=strict asks for the same bits on all machines, so BLAS must be asked for beside it. */
function defaultBlasFrom(): number {
  const isStrict = process.env['GRADWIRE_KERNELS'] === 'strict';
  return (process.env['GRADWIRE_BLAS'] || (isStrict ? 'off' : 'auto')) === 'off' ? 0 : BLAS_FROM;
}

function chooseVariant(): KernelVariant {
  const wanted = process.env['GRADWIRE_KERNELS'];
  if (wanted === 'relaxed' || wanted === 'strict' || wanted === 'reference') return wanted;
  if (wanted) {
    throw new GradwireError('ERR_USAGE', `GRADWIRE_KERNELS is "${wanted}"; it can be relaxed, strict or reference`);
  }
  return hasRelaxedSimd() ? 'relaxed' : 'strict';
}

function loadFloat32(): Kernels {
  openBlock();
  const chosen = kernelVariant();
  if (chosen === 'reference') return reference(views.f32, 2);
  if (chosen === 'relaxed' && !hasRelaxedSimd()) {
    throw new GradwireError(
      'ERR_USAGE',
      'GRADWIRE_KERNELS=relaxed: this Node.js does not run relaxed SIMD; use strict',
    );
  }
  const kernels = compiled.get(chosen) ?? (loadWasm(chosen) as Compiled);
  compiled.set(chosen, kernels);
  kernels.setBlas((blasFrom ??= defaultBlasFrom()));
  return kernels;
}

function reference(x: HeapView['x'], shift: number): Kernels {
  openBlock();
  const heap: HeapView = { x, shift, i32: views.i32, u32: views.u32, f64: views.f64, u8: views.u8 };
  const bind = ([name, kernel]: [string, (heap: HeapView, p: number) => void]) => [
    name,
    (p: number) => kernel(heap, p),
  ];
  return Object.fromEntries(Object.entries(referenceKernels).map(bind)) as Kernels;
}
