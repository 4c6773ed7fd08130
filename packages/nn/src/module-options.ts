/** Settles the options of a layer, and finds names that it does not have (TypeScript finds them only in its callers). */
import { GradwireError } from '@gradwire/tensor';

/** The options with `defaults` where they are not given. */
export type Settled<O, D> = { [K in keyof O & keyof D]-?: Exclude<O[K], undefined> | D[K] };

/** Whatever is not given, or undefined, is as in `defaults`, which names all options there are. */
export function settle<O extends object, const D extends { [K in keyof O]-?: O[K] | null | undefined }>(
  given: O,
  defaults: D,
): Settled<O, D> {
  const settled: Record<string, unknown> = { ...defaults };
  for (const [name, value] of Object.entries(given ?? {}))
    if (value !== undefined && name in defaults) settled[name] = value;
  return settled as Settled<O, D>;
}

/** What is wrong with the names of the options that were given; null if nothing is. */
export function optionFault(given: unknown, known: readonly string[]): GradwireError | null {
  const list = `Known: ${known.join(', ')}`;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return fault(`its options must be one object, got ${JSON.stringify(given) ?? String(given)}. ${list}`);
  }
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return null;
  const close = closest(unknown, known);
  return fault(`unknown option "${unknown}"${close === undefined ? '.' : `; did you mean "${close}"?`} ${list}`);
}

function fault(message: string): GradwireError {
  return new GradwireError('ERR_OPTION', message);
}

/** The known name that takes the fewest changed letters to write, if these are at most half of it; kernel_size is kernelSize. */
function closest(name: string, known: readonly string[]): string | undefined {
  const plain = (text: string): string => text.replaceAll('_', '').toLowerCase();
  const distances = known.map((candidate) => ({ candidate, distance: editDistance(plain(name), plain(candidate)) }));
  distances.sort((a, b) => a.distance - b.distance);
  return distances.find(({ candidate, distance }) => distance <= candidate.length / 2)?.candidate;
}

/** Insertions, deletions and replacements between two texts (Levenshtein 1966). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}
