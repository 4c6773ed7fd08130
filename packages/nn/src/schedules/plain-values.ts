import { GradwireError } from '@gradwire/tensor';

/** State that is no tensor, as JSON keeps it. */
export type PlainValues = Readonly<Record<string, unknown>>;

/** A number of saved state. Throws GradwireError ERR_STATE_DICT if it is none. */
export function checkedNumber(where: string, state: PlainValues, key: string): number {
  const value = state[key];
  if (typeof value === 'number') return value;
  const got = value === undefined ? 'missing' : `a ${typeof value}`;
  throw new GradwireError('ERR_STATE_DICT', `${where}: "${key}" of the saved state is ${got}; it must be a number`);
}
