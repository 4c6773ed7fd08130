/** Which BLAS is used: the first sound one of the machine, unless GRADWIRE_BLAS says otherwise. */
import { isAbsolute, resolve } from 'node:path';
import { findBlas } from './find.ts';
import { faultOf } from './verdict.ts';

/** path: of the library in use, or null; reason: why that one, or why none. */
export interface BlasChoice {
  readonly path: string | null;
  readonly reason: string;
}

/** wanted: auto, off, or the path of a library. */
export function chooseBlas(wanted: string): BlasChoice {
  if (wanted === 'off') return { path: null, reason: 'GRADWIRE_BLAS=off' };
  const isAuto = wanted === 'auto';
  const candidates = isAuto ? findBlas() : [isAbsolute(wanted) ? wanted : resolve(wanted)];
  const faults: string[] = [];
  for (const path of candidates) {
    const fault = faultOf(path);
    if (fault === undefined) return { path, reason: isAuto ? 'found' : 'GRADWIRE_BLAS' };
    faults.push(`${path}: ${fault}`);
  }
  return { path: null, reason: faults.join('; ') || 'no library found' };
}
