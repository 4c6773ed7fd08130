import { GradwireError } from '@gradwire/tensor';

export interface VocabularyOptions {
  /** Tokens seen less often are left out; 1 by default. */
  readonly minFrequency?: number;
  /** The most tokens to keep, special ones included. */
  readonly maxSize?: number;
  /** Tokens with the first numbers, in this order; ['<pad>', '<unk>'] by default. */
  readonly specials?: readonly string[];
  /** The special token for all that is not known; '<unk>' by default, null to refuse unknown tokens. */
  readonly unknown?: string | null;
}

/**
 * Numbers tokens: special ones first, then the others from the most to the least frequent, equally frequent ones in the
 * order of their UTF-16 code units. The same counts give the same numbers, whatever their order.
 * Throws GradwireError ERR_VOCABULARY for options out of range and for what cannot be encoded or decoded.
 */
export class Vocabulary {
  /** tokens[id] is the token numbered id. */
  readonly tokens: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;
  readonly #unknown: number | undefined;

  constructor(
    counts: ReadonlyMap<string, number>,
    { minFrequency = 1, maxSize = Infinity, specials = ['<pad>', '<unk>'], unknown = '<unk>' }: VocabularyOptions = {},
  ) {
    if (!(minFrequency >= 0)) throw invalid(`minFrequency must be 0 or more, got ${minFrequency}`);
    if (!(maxSize >= specials.length)) {
      throw invalid(`maxSize must be at least ${specials.length}, the number of special tokens, got ${maxSize}`);
    }
    const frequent = [...counts].filter(([token, count]) => count >= minFrequency && !specials.includes(token));
    frequent.sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));
    this.tokens = [...specials, ...frequent.map(([token]) => token)].slice(0, maxSize);
    this.#ids = new Map(this.tokens.map((token, id) => [token, id]));
    if (this.#ids.size < this.tokens.length) throw invalid(`special tokens must differ, got ${specials.join(', ')}`);
    if (unknown !== null && !specials.includes(unknown)) {
      throw invalid(`unknown '${unknown}' must be one of the special tokens ${specials.join(', ')}, or null`);
    }
    this.#unknown = unknown === null ? undefined : this.#ids.get(unknown);
  }

  get size(): number {
    return this.tokens.length;
  }

  has(token: string): boolean {
    return this.#ids.has(token);
  }

  /** The number of a token, or of the unknown token. */
  id(token: string): number {
    const id = this.#ids.get(token) ?? this.#unknown;
    if (id === undefined) throw invalid(`token '${token}' is not known, and there is no unknown token`);
    return id;
  }

  encode(tokens: Iterable<string>): number[] {
    return Array.from(tokens, (token) => this.id(token));
  }

  decode(ids: Iterable<number>): string[] {
    return Array.from(ids, (id) => {
      const token = this.tokens[id];
      if (token === undefined) throw invalid(`${id} is not the number of one of the ${this.size} tokens`);
      return token;
    });
  }
}

/** How often each token occurs in all rows together. */
export function countTokens(rows: Iterable<Iterable<string>>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) for (const token of row) counts.set(token, (counts.get(token) ?? 0) + 1);
  return counts;
}

function invalid(what: string): GradwireError {
  return new GradwireError('ERR_VOCABULARY', `Vocabulary: ${what}`);
}
