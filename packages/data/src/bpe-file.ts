import { corruptFile, readWhole } from './read-file.ts';

/** What a BpeTokenizer is made of. */
export interface BpeParts {
  /** Single characters (code points), each once. */
  readonly characters: readonly string[];
  /** Pairs of texts that are joined, in this order. */
  readonly merges: readonly (readonly [string, string])[];
}

const BYTES_MAX = 2 ** 26;

/** Reads what `BpeTokenizer.save` has written, and checks its form. */
export function readBpe(path: string): BpeParts {
  const { format, version, characters, merges } = parsed(path);
  if (format !== 'gradwire-bpe' || version !== 1) throw corruptFile(path, 'it is no gradwire-bpe of version 1');
  if (!Array.isArray(characters) || !characters.every(isCharacter) || new Set(characters).size < characters.length) {
    throw corruptFile(path, 'characters must be an array of different single characters');
  }
  if (!Array.isArray(merges) || !merges.every(isMerge))
    throw corruptFile(path, 'merges must be an array of pairs of texts');
  const known = new Set<string>(characters);
  merges.forEach(([left, right], i) => {
    if (!known.has(left) || !known.has(right)) throw corruptFile(path, `merge ${i} joins what is not known before it`);
    known.add(left + right);
  });
  return { characters, merges };
}

function parsed(path: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(readWhole(path, BYTES_MAX)));
    return (value ?? {}) as Record<string, unknown>;
  } catch (cause) {
    if (cause instanceof SyntaxError) throw corruptFile(path, 'it is not JSON', cause);
    throw cause;
  }
}

function isCharacter(value: unknown): value is string {
  return typeof value === 'string' && [...value].length === 1;
}

function isMerge(value: unknown): value is [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((side) => typeof side === 'string');
}
