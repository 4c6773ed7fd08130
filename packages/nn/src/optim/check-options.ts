import { GradwireError } from '@gradwire/tensor';

/** Throws unless an option is a number from `least` (and below `limit`). */
export function checkNumber(name: string, value: number, least: number, limit = Infinity): void {
  if (!(value >= least && value < limit)) {
    const range = limit === Infinity ? `a number from ${least}` : `from ${least} to below ${limit}`;
    throw new GradwireError('ERR_OPTIMIZER', `optimizer: ${name} must be ${range}, got ${value}`);
  }
}

/** Throws unless both decay rates lie in [0, 1). */
export function checkBetas([first, second]: readonly [number, number]): void {
  checkNumber('betas[0]', first, 0, 1);
  checkNumber('betas[1]', second, 0, 1);
}
