import { GradwireError } from '@gradwire/tensor';
import { WORLD_SIZE_MAX } from '../wire/control-message.ts';

/** Where this process stands in its group, and where the group meets. */
export interface GroupAddress {
  rank: number;
  worldSize: number;
  masterAddr: string;
  masterPort: number;
  /** Secret of the run, the same in all its processes. */
  token: string;
}

const ALONE: GroupAddress = { rank: 0, worldSize: 1, masterAddr: '127.0.0.1', masterPort: 0, token: '' };

/**
 * Reads RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT (torchrun's names) and GRADWIRE_TOKEN; `given` goes before them.
 * Without WORLD_SIZE it is a group of one. Throws GradwireError ERR_ENVIRONMENT naming the variable and its value.
 */
export function groupAddress(
  given: Partial<GroupAddress>,
  environment: Readonly<Record<string, string | undefined>>,
): GroupAddress {
  const read = (value: number | undefined, name: string, min: number, max: number) =>
    wholeNumber(name, value ?? environment[name], min, max);
  const hasSize = given.worldSize !== undefined || environment.WORLD_SIZE !== undefined;
  const worldSize = hasSize ? read(given.worldSize, 'WORLD_SIZE', 1, WORLD_SIZE_MAX) : 1;
  if (worldSize === 1) return ALONE;
  return {
    worldSize,
    rank: read(given.rank, 'RANK', 0, worldSize - 1),
    masterAddr: text('MASTER_ADDR', given.masterAddr ?? environment.MASTER_ADDR, 'the host of rank 0'),
    masterPort: read(given.masterPort, 'MASTER_PORT', 1, 65535),
    token: text('GRADWIRE_TOKEN', given.token ?? environment.GRADWIRE_TOKEN, 'one secret for all ranks of the run'),
  };
}

function wholeNumber(name: string, value: string | number | undefined, min: number, max: number): number {
  const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  const got = value === undefined ? 'it is not set' : `got ${JSON.stringify(value)}`;
  throw new GradwireError('ERR_ENVIRONMENT', `joinGroup: ${name} must be a whole number from ${min} to ${max}; ${got}`);
}

function text(name: string, value: string | undefined, meaning: string): string {
  if (value !== undefined && value !== '') return value;
  throw new GradwireError('ERR_ENVIRONMENT', `joinGroup: ${name} is not set; it must hold ${meaning}`);
}
