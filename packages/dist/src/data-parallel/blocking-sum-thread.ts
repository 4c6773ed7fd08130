/** The thread of a BlockingSum: joins its group, then sums what it is asked to until it is told to end. */
import { parentPort, workerData } from 'node:worker_threads';
import { GradwireError } from '@gradwire/tensor';
import { treeAllReduce } from '../collectives/tree-all-reduce.ts';
import { joinGroup } from '../rendezvous/join-group.ts';
import { DONE, FAILED, type SumThreadFailure, type SumThreadStart } from './blocking-sum-messages.ts';

const { address, timeoutMs, state, numbers, port } = workerData as SumThreadStart;

try {
  const group = await joinGroup({ ...address, timeoutMs });
  port.on('message', (length: number | null) => {
    if (length === null) void group.close().finally(() => process.exit());
    else treeAllReduce(group, numbers.subarray(0, length)).then(() => answer(DONE), failed);
  });
  parentPort!.postMessage(null);
} catch (error) {
  parentPort!.postMessage(described(error));
}

function failed(error: unknown): void {
  port.postMessage(described(error));
  answer(FAILED);
}

function answer(how: number): void {
  Atomics.store(state, 0, how);
  Atomics.notify(state, 0);
}

function described(error: unknown): SumThreadFailure {
  const code = error instanceof GradwireError ? error.code : 'ERR_INTERNAL';
  return { code, message: error instanceof Error ? error.message : String(error) };
}
