/** Which BLAS is used: the first sound one of the machine, unless GRADWIRE_BLAS says otherwise. */
import { isAbsolute, resolve } from 'node:path';
import { findBlas } from './find.ts';
import { faultOf } from './verdict.ts';

/** library: its path, or null with the reason. */
export interface BlasChoice {
  readonly library: string | null;
  readonly reason: string;
}

/** wanted: auto, off, or the path of a library. */
export function chooseBlas(wanted: string): BlasChoice {
  if (wanted === 'off') return { library: null, reason: 'GRADWIRE_BLAS=off' };
  const isAuto = wanted === 'auto';
  const candidates = isAuto ? findBlas() : [isAbsolute(wanted) ? wanted : resolve(wanted)];
  const faults: string[] = [];
  for (const library of candidates) {
    const fault = faultOf(library);
    if (fault === undefined) return { library, reason: isAuto ? 'found' : 'GRADWIRE_BLAS' };
    faults.push(`${library}: ${fault}`);
  }
  return { library: null, reason: faults.join('; ') || 'no library found' };
}
