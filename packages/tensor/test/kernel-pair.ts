import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { bindSgemm, type Sgemm } from '../src/kernels/blas/bind.ts';
import { chooseBlas } from '../src/kernels/blas/choose.ts';
import type { HeapView } from '../src/kernels/reference/heap-view.ts';
import { referenceKernels } from '../src/kernels/reference/table.ts';
import { expect } from 'vitest';

export type Variant = 'strict' | 'relaxed' | 'relaxed with blas';
const { path: blasPath } = chooseBlas('auto');
/** With BLAS on a machine that has one. */
export const VARIANTS: Variant[] = ['strict', 'relaxed', ...(blasPath ? ['relaxed with blas' as const] : [])];

/** Where things lie in a memory of 48 MiB: the argument block, scratch of the least size, a guard, then the operands. */
const MEMORY_PAGES = 768;
const BLOCK = 4096;
const SCRATCH = 65_536;
const SCRATCH_BYTES = 8 * 2 ** 20;
const GUARD_WORDS = 1024;
const GUARD = (SCRATCH + SCRATCH_BYTES) >>> 2;
const OPERANDS = GUARD + GUARD_WORDS;

type KernelExports = Record<string, (p: number) => void>;
type SetScratch = (p: number, bytes: number) => void;

/** A run of elements that a kernel writes. */
export interface Output {
  readonly address: number;
  readonly size: number;
}

/** Runs a compiled kernel and its reference twin on the same operands. */
export class KernelPair {
  readonly #exports: KernelExports;
  readonly #heap: HeapView;
  readonly #floats: Float32Array;
  readonly #words: Uint32Array;
  #end = OPERANDS;

  constructor(variant: Variant) {
    setFlagsFromString('--experimental-wasm-relaxed-simd');
    const memory = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES, shared: true });
    const { buffer } = memory;
    const binary = new URL(`../build/kernels.${variant.split(' ')[0]}.wasm`, import.meta.url);
    const module = new WebAssembly.Module(readFileSync(binary));
    const instance = new WebAssembly.Instance(module, {
      env: { memory, abort: () => expect.fail('kernel aborted'), sgemm: sgemmOn(variant, buffer) },
    });
    this.#exports = instance.exports as KernelExports;
    this.#floats = new Float32Array(buffer);
    this.#words = new Uint32Array(buffer);
    const [i32, f64, u8] = [new Int32Array(buffer), new Float64Array(buffer), new Uint8Array(buffer)];
    this.#heap = { x: this.#floats, shift: 2, i32, u32: this.#words, f64, u8 };
    (instance.exports['setScratch'] as SetScratch)(SCRATCH, SCRATCH_BYTES);
    (instance.exports['setBlas'] as (products: number) => void)(variant === 'relaxed with blas' ? 1 : 0);
  }

  /** Forgets all operands. */
  clear(): void {
    this.#end = OPERANDS;
  }

  /** Copies values into memory, one float off any alignment to vectors, and returns their byte address. */
  place(values: ArrayLike<number>): number {
    const at = this.#end + 1;
    this.#floats.set(values, at);
    this.#end = at + values.length;
    return at * 4;
  }

  /** Expects the same result from both kernels, within `tolerance`, and nothing else written. */
  expectSame(kernel: keyof typeof referenceKernels, words: readonly number[], outputs: Output[], tolerance = 0): void {
    const operands = this.#words.slice(OPERANDS, this.#end + 4);
    const read = (): number[][] => outputs.map(({ address, size }) => [...this.#at(address, size)]);
    this.#words.fill(0, BLOCK / 4, BLOCK / 4 + 64).set(words, BLOCK / 4);
    referenceKernels[kernel](this.#heap, BLOCK);
    const expected = read();
    this.#words.set(operands, OPERANDS);
    this.#floats.fill(NaN, SCRATCH >>> 2, GUARD + GUARD_WORDS);
    (this.#exports['setScratch'] as SetScratch)(SCRATCH, SCRATCH_BYTES);
    this.#exports[kernel]!(BLOCK);
    const actual = read();
    for (const [i, values] of expected.entries()) expectClose(actual[i]!, values, tolerance);
    for (const { address, size } of outputs)
      operands.set(this.#words.subarray(address / 4, address / 4 + size), address / 4 - OPERANDS);
    expect(Buffer.from(this.#words.slice(OPERANDS, this.#end + 4).buffer).equals(Buffer.from(operands.buffer))).toBe(
      true,
    );
    expect(this.#floats.subarray(GUARD, OPERANDS).every(Number.isNaN)).toBe(true);
  }

  /** What the compiled kernel alone gives. */
  result(kernel: string, words: readonly number[], output: Output): Float32Array {
    this.#words.fill(0, BLOCK / 4, BLOCK / 4 + 64).set(words, BLOCK / 4);
    this.#exports[kernel]!(BLOCK);
    return this.#at(output.address, output.size).slice();
  }

  #at(address: number, size: number): Float32Array {
    return this.#floats.subarray(address / 4, address / 4 + size);
  }
}

function sgemmOn(variant: Variant, memory: SharedArrayBuffer): (...values: Parameters<Sgemm>) => boolean {
  if (variant !== 'relaxed with blas') return () => expect.fail('BLAS was not wanted');
  const sgemm = bindSgemm(blasPath!, memory);
  return (...values) => {
    sgemm(...values);
    return true;
  };
}

function expectClose(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  const wrong = expected.findIndex(
    (value, i) => !(Object.is(actual[i], value) || Math.abs(actual[i]! - value) <= tolerance),
  );
  expect(wrong === -1 ? 'all equal' : `element ${wrong} is ${actual[wrong]}, not ${expected[wrong]}`).toBe('all equal');
}

/** Numbers in [-1, 1), the same for the same seed. */
export function randomValues(size: number, seed: number): Float32Array {
  let state = (seed * 2654435761 + 1) >>> 0;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}
