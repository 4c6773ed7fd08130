import { readdirSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { heapMemory, kernelVariant } from '@gradwire/tensor';
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

const LIBRARY_FOLDERS = ['/usr/lib', '/usr/lib64', '/usr/local/lib', '/opt/homebrew/opt/openblas/lib'];
const NESTED_FOLDERS = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map((name) => `/usr/lib/${name}`);

/** `gradwire doctor`: looks at everything a run depends on and says what to do about what is not right. */
export async function doctor(output: Output): Promise<void> {
  const findings = [
    checkNode(process.versions.node),
    checkSimd(kernelVariant()),
    checkCores(availableParallelism(), cpus()[0]?.model),
    checkMemory(totalmem(), process.constrainedMemory()),
    checkHeap(heapBytes()),
    checkLoopback(await reachesItself().then(() => undefined, describeError)),
    checkBlas(libraryNames()),
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

function libraryNames(): string[] {
  return [...LIBRARY_FOLDERS, ...NESTED_FOLDERS].flatMap((folder) => {
    try {
      return readdirSync(folder).map((name) => `${folder}/${name}`);
    } catch {
      return []; // most of these folders exist on other systems only
    }
  });
}
