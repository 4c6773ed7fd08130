import { expect, it } from 'vitest';
import { zeros } from '../../src/create.ts';
import { MemoryError } from '../../src/errors.ts';
import { memoryUsage } from '../../src/heap/allocate.ts';
import { attachHeap } from '../../src/heap/memory.ts';
import { step } from '../../src/heap/step.ts';
import '../../src/methods.ts';
import { Tensor } from '../../src/tensor.ts';

const HEAP_MIB = 40;

/** A heap that is soon full, as another thread would hand it over: one page is claimed. */
function smallHeap(): void {
  const pages = HEAP_MIB * 16;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  attachHeap(memory);
  new Uint32Array(memory.buffer)[32768 / 4] = 1;
}

it('a full heap names the bytes asked, the free ones, the largest holders and what to do, and stays usable', () => {
  smallHeap();
  const weights = Tensor.emptyLongLived([2 ** 20], 'float32', 'weights');
  expect(() => zeros([2 ** 24])).toThrow(
    /^tensor: 64\.0 MiB asked, but only \d+\.\d MiB of the 40\.0 MiB heap are free; largest long-lived tensors: weights 4\.0 MiB; wrap the loop body in step\(\(\) => …\) or dispose tensors$/,
  );
  expect(() => step(() => zeros([2 ** 24]))).toThrow(
    /largest long-lived tensors: weights 4\.0 MiB; use a smaller batch$/,
  );
  expect(() => zeros([2 ** 31])).toThrow(MemoryError); // 8 GiB: more than addresses reach
  expect(memoryUsage().longLivedBytes).toBe(weights.size * 4);
  expect(weights.add(zeros([])).shape).toEqual([2 ** 20]);
});

it('memory that was disposed is used again, so a loop that disposes never fills the heap', () => {
  for (let i = 0; i < 50; i++) zeros([2 ** 20])[Symbol.dispose]();
  const { claimedBytes } = memoryUsage();
  for (let i = 0; i < 50; i++) zeros([2 ** 20])[Symbol.dispose]();
  expect(memoryUsage().claimedBytes).toBe(claimedBytes);
});

it('a heap cannot be joined once tensors lie on another', () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  expect(() => attachHeap(memory)).toThrow(expect.objectContaining({ code: 'ERR_HEAP_IN_USE' }) as Error);
});
