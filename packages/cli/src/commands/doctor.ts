import { availableParallelism, cpus, totalmem } from 'node:os';
import { blas, heapMemory, kernelVariant } from '@gradwire/tensor';
import type { Finding } from '../diagnosis/checks.ts';
import {
  checkBlas,
  checkCores,
  checkHeap,
  checkLoopback,
  checkMemory,
  checkNode,
  checkSimd,
} from '../diagnosis/checks.ts';
import { reachesItself } from '../diagnosis/loopback.ts';
import { describeError } from '../describe-error.ts';
import type { Output } from '../report/reporter.ts';
import { version } from '../version.ts';

/** `gradwire doctor`: looks at everything a run depends on and says what to do about what is not right. */
export async function doctor(output: Output): Promise<void> {
  const findings = [
    checkNode(process.versions.node),
    checkSimd(kernelVariant()),
    checkCores(availableParallelism(), cpus()[0]?.model),
    checkMemory(totalmem(), process.constrainedMemory()),
    checkHeap(heapBytes()),
    checkLoopback(await reachesItself().then(() => undefined, describeError)),
    checkBlas(blas()),
  ];
  const width = Math.max(...findings.map(({ name }) => name.length));
  output.write(`gradwire ${version}\n`);
  for (const finding of findings) output.write(`${findingLine(finding, width)}\n`);
}

function findingLine({ name, found, advice }: Finding, width: number): string {
  const line = `  ${advice ? 'warning' : 'ok     '}  ${name.padEnd(width)}  ${found}`;
  return advice ? `${line}; ${advice}` : line;
}

function heapBytes(): number | string {
  try {
    return heapMemory().buffer.byteLength;
  } catch (error) {
    return describeError(error);
  }
}
