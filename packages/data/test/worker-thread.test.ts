import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { fromTypedArray, heapMemory, Tensor, type TensorHandle } from '@gradwire/tensor';
import { TensorDataset } from '../src/tensor-dataset.ts';

// Node 20 cannot load TypeScript in a worker thread, so the thread runs the compiled packages: without the option of
// vitest's process that prefers sources.
const threadCode = `
  const { parentPort, workerData } = require('node:worker_threads');
  const load = async () => {
    const { attachHeap } = await import(workerData.tensor);
    attachHeap(workerData.memory);
    const { datasetFromHandle } = await import(workerData.data);
    const dataset = datasetFromHandle(workerData.handle);
    parentPort.on('message', (indices) => {
      const { x, y } = dataset.batch(indices);
      parentPort.postMessage({ x: x.handle(), y: y.toArray() });
    });
    parentPort.postMessage('ready');
  };
  load();
`;

it('lets a worker thread fill batches from the same memory', async () => {
  const pixels = fromTypedArray(Uint8Array.of(1, 2, 3, 4, 5, 6), [3, 2]);
  const dataset = new TensorDataset(
    { x: pixels, y: fromTypedArray(Int32Array.of(10, 20, 30), [3]) },
    { x: { mean: 0, std: 1 / 255 } },
  );
  const workerData = {
    memory: heapMemory(),
    handle: dataset.handle(),
    tensor: import.meta.resolve('../../tensor/build/index.js'),
    data: import.meta.resolve('../build/index.js'),
  };
  const thread = new Worker(threadCode, { eval: true, workerData, execArgv: [] });
  try {
    expect(await once(thread, 'message')).toEqual(['ready']);
    pixels.view().set([50, 60], 4); // after the thread has its dataset: it must see this
    thread.postMessage([2, 0]);
    const [{ x, y }] = (await once(thread, 'message')) as [{ x: TensorHandle; y: number[] }];
    expect(y).toEqual([30, 10]);
    const seen = Tensor.fromHandle(x);
    expect([...seen.view()].map(Math.round)).toEqual([50, 60, 1, 2]);
  } finally {
    await thread.terminate();
  }
});
