/// <reference path="../heap/webassembly.d.ts" />
/** Loads the compiled kernels: the relaxed-SIMD binary (fused multiply-add in GEMM and convolution) where V8 takes it. */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { GradwireError } from '../errors.ts';
import { claim, heapMemory } from '../heap/memory.ts';
import { sgemm } from './blas/sgemm.ts';

const SCRATCH_BYTES = 8 * 2 ** 20;

export type KernelExports = Record<string, (p: number) => void>;

/** Instantiates a kernel binary on this thread's view of the heap and gives it scratch memory. */
export function loadWasm(variant: 'relaxed' | 'strict'): KernelExports {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(read(variant)), {
    env: {
      memory: heapMemory(),
      sgemm,
      abort: () => {
        throw new GradwireError('ERR_INTERNAL', 'internal: a kernel aborted');
      },
    },
  });
  const exports = instance.exports as unknown as KernelExports & { setScratch(p: number, bytes: number): void };
  exports.setScratch(claim(SCRATCH_BYTES, 'kernel scratch'), SCRATCH_BYTES);
  return exports;
}

/** Whether V8 takes relaxed SIMD; turns it on where it is still behind a flag (Node 20). */
export function hasRelaxedSimd(): boolean {
  const bytes = read('relaxed');
  if (WebAssembly.validate(bytes)) return true;
  setFlagsFromString('--experimental-wasm-relaxed-simd');
  return WebAssembly.validate(bytes);
}

function read(variant: string): Uint8Array<ArrayBuffer> {
  const url = new URL(`../../build/kernels.${variant}.wasm`, import.meta.url);
  try {
    return new Uint8Array(readFileSync(url));
  } catch (cause) {
    throw new GradwireError('ERR_KERNELS_MISSING', `kernels: ${url.pathname} is missing; run npm run build`, { cause });
  }
}
