import type { TrainingDefinition } from './define-training.ts';
import type { LimitedName } from './limits.ts';
import { LIMITS, mustBe } from './limits.ts';
import { UsageError } from './usage-error.ts';

const SETTABLE = ['epochs', 'batchSize', 'seed'] as const satisfies readonly (LimitedName & keyof TrainingDefinition)[];

/** Plain values of a training file that `--set` replaces. */
export type Overrides = Readonly<Partial<Record<(typeof SETTABLE)[number], number>>>;

/** Reads `--set path=value` texts. Throws UsageError for a path that is no plain value of a training, or a bad value. */
export function parseOverrides(texts: readonly string[]): Overrides {
  const overrides: Partial<Record<(typeof SETTABLE)[number], number>> = {};
  for (const text of texts) {
    const [path = '', ...rest] = text.split('=');
    const name = SETTABLE.find((settable) => settable === path);
    if (rest.length === 0) throw new UsageError(`--set takes path=value, such as --set epochs=5; got "${text}"`);
    if (!name) throw new UsageError(`--set ${text}: "${path}" cannot be set; what can is ${SETTABLE.join(', ')}`);
    if (name in overrides) throw new UsageError(`--set ${text}: ${name} is set twice`);
    overrides[name] = parseWhole(`--set ${name}`, name, rest.join('='));
  }
  return overrides;
}

/** Reads the whole number that a flag was given. Throws UsageError that names the flag, its value and its limits. */
export function parseWhole(flag: string, name: LimitedName, text: string): number {
  const [least, greatest] = LIMITS[name];
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (!(value >= least && value <= greatest)) throw new UsageError(`${flag} ${mustBe(name)}, got "${text}"`);
  return value;
}
