/** The compiled kernels by themselves, on a memory of their own, and the speed they are measured against. */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import asc from 'assemblyscript/asc';

const PAGES = 2048;
const BLOCK = 4096;
const SCRATCH = 65_536;
const SCRATCH_BYTES = 8 * 2 ** 20;
const OPERANDS = SCRATCH + SCRATCH_BYTES;
const TIMED_MS = 150;

export const VARIANTS = ['strict', 'relaxed'];

setFlagsFromString('--experimental-wasm-relaxed-simd'); // Node 20 has it behind this flag
setFlagsFromString('--no-liftoff'); // else the first seconds would time V8's baseline code
const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared: true });
const floats = new Float32Array(memory.buffer);
const words = new Uint32Array(memory.buffer);
for (let i = OPERANDS / 4; i < floats.length; i++) floats[i] = Math.sin(i);

/** Returns run(kernel, words): the best seconds of one call. */
export function openKernels(variant) {
  const bytes = readFileSync(new URL(`../packages/tensor/build/kernels.${variant}.wasm`, import.meta.url));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    env: { memory, abort() {}, sgemm: () => false },
  });
  exports.setScratch(SCRATCH, SCRATCH_BYTES);
  return (kernel, block) => {
    words.fill(0, BLOCK / 4, BLOCK / 4 + 64).set(block, BLOCK / 4);
    return bestSeconds(() => exports[kernel](BLOCK));
  };
}

/** Byte addresses of operands of the given numbers of floats, each on a page of its own. */
export function operands(...sizes) {
  let end = OPERANDS;
  const addresses = sizes.map((size) => {
    const address = end;
    end += Math.ceil(size / 1024) * 4096;
    return address;
  });
  if (end > memory.buffer.byteLength) throw new Error(`operands take ${end} bytes, the memory has ${PAGES} pages`);
  return addresses;
}

/** GFLOP/s of 12 independent chains of fused 128-bit multiply-adds in registers: the most that vectors of 4 can give. */
export async function peakGflops() {
  const calls = 50_000;
  const lanes = Array.from({ length: 12 }, (_, i) => i);
  const source = `export function peak(x: f32): f32 {
    const a = f32x4.splat(x), b = f32x4.splat(1 - x);
    let ${lanes.map((i) => `c${i} = f32x4.splat(${i})`).join(', ')};
    for (let i = 0; i < ${calls}; i++) { ${lanes.map((i) => `c${i} = f32x4.relaxed_madd(a, b, c${i});`).join(' ')} }
    return f32x4.extract_lane(${lanes.map((i) => `c${i}`).reduce((sum, c) => `f32x4.add(${sum}, ${c})`)}, 0);
  }`;
  const enable = ['simd', 'relaxed-simd'];
  const { binary, stderr } = await asc.compileString(source, { optimizeLevel: 3, runtime: 'stub', enable });
  if (!binary) throw new Error(stderr.toString());
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary));
  return (calls * lanes.length * 8) / bestSeconds(() => exports.peak(0.5)) / 1e9;
}

/** Calls are timed in groups of about a millisecond, so that the clock's grain does not count. */
export function bestSeconds(call) {
  let start = performance.now();
  let warm = 0;
  while (performance.now() - start < TIMED_MS / 3) {
    call();
    warm++;
  }
  const group = Math.max(1, Math.floor(warm / (TIMED_MS / 3)));
  let best = Infinity;
  const end = performance.now() + TIMED_MS;
  while (performance.now() < end) {
    start = performance.now();
    for (let i = 0; i < group; i++) call();
    best = Math.min(best, (performance.now() - start) / group);
  }
  return best / 1000;
}
