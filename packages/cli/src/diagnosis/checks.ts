import type { BlasChoice } from '@gradwire/tensor';
import { formatBytes } from '../report/format.ts';

const NODE_LEAST = [20, 19] as const;
const GIB = 2 ** 30;

/** What one check found; with advice if it is not as it should be. */
export interface Finding {
  readonly name: string;
  readonly found: string;
  readonly advice?: string;
}

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > NODE_LEAST[0] || (major === NODE_LEAST[0] && minor >= NODE_LEAST[1]);
  return finding('node', version, !isEnough && `install Node ${NODE_LEAST.join('.')} or newer`);
}

export function checkSimd(variant: 'relaxed' | 'strict' | 'reference'): Finding {
  const advice = {
    relaxed: false,
    strict: 'relaxed SIMD would be faster; a newer Node has it',
    reference: 'the WebAssembly kernels did not load, training will be very slow; reinstall @gradwire/tensor',
  } as const;
  return finding('kernels', `${variant}${variant === 'reference' ? '' : ' SIMD'}`, advice[variant]);
}

export function checkCores(cores: number, model = 'unknown processor'): Finding {
  const found = `${cores} × ${model.trim()}`;
  return finding('cores', found, cores === 1 && 'more workers will not be faster than one here');
}

/** `limit` is the most that this process may use, 0 or undefined where nothing limits it; all in bytes. */
export function checkMemory(total: number, limit: number | undefined): Finding {
  const usable = limit ? Math.min(limit, total) : total;
  const found = usable < total ? `${formatBytes(usable)} of ${formatBytes(total)}` : formatBytes(total);
  return finding('memory', found, usable < GIB && 'large models will not fit; give this process more memory');
}

/** `heap` is the size of the shared heap in bytes, or why it could not be made. */
export function checkHeap(heap: number | string): Finding {
  if (typeof heap === 'string') return finding('heap', 'none', `it could not be made: ${heap}`);
  const advice = heap < GIB && 'the system gave less address space than 1 GiB; look at ulimit -v';
  return finding('heap', formatBytes(heap), advice);
}

/** `problem` is why a connection to this machine itself failed. */
export function checkLoopback(problem: string | undefined): Finding {
  if (problem === undefined) return finding('loopback', 'a port can be opened and reached', false);
  return finding('loopback', problem, 'runs of several processes need a port on 127.0.0.1; look at the firewall');
}

/** Whether large products go to a BLAS of the system; it is worth having. */
export function checkBlas({ path, reason }: BlasChoice): Finding {
  if (path !== null) return finding('blas', path, false);
  const isChoice = reason === 'GRADWIRE_BLAS=off';
  const advice =
    'WebAssembly computes all products, at about half the speed; install OpenBLAS (Debian: libopenblas0-pthread)';
  return finding('blas', `none (${reason})`, !isChoice && advice);
}

function finding(name: string, found: string, advice: string | false): Finding {
  return { name, found, ...(advice !== false && { advice }) };
}
