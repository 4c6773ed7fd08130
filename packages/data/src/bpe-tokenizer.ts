import { writeFileSync } from 'node:fs';
import { GradwireError } from '@gradwire/tensor';
import { readBpe, type BpeParts } from './bpe-file.ts';

/** Tokens that stand for no text: padding, start and end of a sequence. */
export const SPECIAL_TOKENS = ['<pad>', '<s>', '</s>'];

/** The 16 hexadecimal digits. A character without a token is spelled by the four digits of each of its UTF-16 units. */
export const FALLBACK_TOKENS = Array.from({ length: 16 }, (_, digit) => `<${digit.toString(16)}>`);

/** Marks the end of a word: its space, or the one that is added behind the last word. */
const WORD_END = ' ';

/** Words are remembered up to here, so that encoding many different ones does not fill the memory. */
const REMEMBERED_WORDS = 2 ** 16;

interface Merge {
  readonly rank: number;
  readonly id: number;
}

/**
 * Text as numbers of sub-words, by byte-pair encoding (Sennrich, Haddow & Birch 2016): each word, ended by a mark, is taken
 * apart into characters, which are joined by the merges in the order in which `trainBpe` found them. `decode(encode(text))`
 * is `text` for every string. Tokens are numbered from 0: special ones, digits of unknown characters, characters, merges.
 */
export class BpeTokenizer {
  /** The number of padding. */
  readonly padding = 0;
  /** The number that stands before the first token of a sequence, where a model starts from it. */
  readonly start = 1;
  /** The number that ends a sequence. */
  readonly end = 2;
  /** tokens[id] is the text of the token numbered id; the space in it ends a word. */
  readonly tokens: readonly string[];
  readonly #parts: BpeParts;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #merges: ReadonlyMap<number, Merge>;
  readonly #words = new Map<string, readonly number[]>();

  /** Merges must join characters, or what merges before them made; throws GradwireError ERR_VOCABULARY. */
  constructor(parts: BpeParts) {
    const fixed = [...SPECIAL_TOKENS, ...FALLBACK_TOKENS];
    const texts = new Set([...parts.characters, ...parts.merges.map(([left, right]) => left + right)]);
    this.tokens = [...fixed, ...texts];
    this.#ids = new Map([...texts].map((text, i) => [text, fixed.length + i]));
    this.#parts = parts;
    const known = new Set(parts.characters);
    const merges = parts.merges.map(([left, right], rank): [number, Merge] => {
      if (!known.has(left) || !known.has(right)) {
        throw new GradwireError(
          'ERR_VOCABULARY',
          `BpeTokenizer: merge ${rank} joins ${JSON.stringify(left)} and ${JSON.stringify(right)}, which must both be ` +
            `characters or results of earlier merges`,
        );
      }
      known.add(left + right);
      return [pairKey(this.#ids.get(left)!, this.#ids.get(right)!), { rank, id: this.#ids.get(left + right)! }];
    });
    this.#merges = new Map(merges);
  }

  /** The tokenizer that `save` has written. Throws GradwireError: ERR_DATA_MISSING, ERR_DATA_TOO_LARGE, ERR_DATA_CORRUPT. */
  static load(path: string): BpeTokenizer {
    return new BpeTokenizer(readBpe(path));
  }

  /** Writes characters and merges as JSON. */
  save(path: string): void {
    const { characters, merges } = this.#parts;
    writeFileSync(path, `${JSON.stringify({ format: 'gradwire-bpe', version: 1, characters, merges }, null, 1)}\n`);
  }

  /** Number of tokens. */
  get size(): number {
    return this.tokens.length;
  }

  /** The joined pairs of texts, in the order in which they were learned. */
  get merges(): readonly (readonly [string, string])[] {
    return this.#parts.merges;
  }

  /** The numbers of a text's tokens, without start and end. */
  encode(text: string): number[] {
    return wordsOf(text).flatMap((word) => this.#encodeWord(word));
  }

  /** The text of token numbers; special tokens give none. Throws GradwireError ERR_VOCABULARY at a number of no token. */
  decode(ids: Iterable<number>): string {
    let text = '';
    let digits = '';
    for (const id of ids) {
      const token = this.tokens[id];
      if (token === undefined) {
        throw new GradwireError('ERR_VOCABULARY', `BpeTokenizer: ${id} is not one of 0 to ${this.size - 1}`);
      }
      if (id < SPECIAL_TOKENS.length) continue;
      if (id < SPECIAL_TOKENS.length + FALLBACK_TOKENS.length) digits += token[1]!;
      else {
        text += spelled(digits) + token;
        digits = '';
      }
    }
    text += spelled(digits);
    return text.endsWith(WORD_END) ? text.slice(0, -1) : text;
  }

  #encodeWord(word: string): readonly number[] {
    const remembered = this.#words.get(word);
    if (remembered) return remembered;
    const ids = this.#merged([...word].flatMap((character) => this.#ids.get(character) ?? spelling(character)));
    if (this.#words.size < REMEMBERED_WORDS) this.#words.set(word, ids);
    return ids;
  }

  /** Joins the pair of the earliest merge everywhere, until there is none left. */
  #merged(ids: number[]): number[] {
    for (;;) {
      let first: Merge | undefined;
      for (let i = 0; i + 1 < ids.length; i++) {
        const merge = this.#merges.get(pairKey(ids[i]!, ids[i + 1]!));
        if (merge && (!first || merge.rank < first.rank)) first = merge;
      }
      if (!first) return ids;
      const joined: number[] = [];
      for (let i = 0; i < ids.length; i++) {
        const isPair = this.#merges.get(pairKey(ids[i]!, ids[i + 1] ?? -1)) === first;
        joined.push(isPair ? first.id : ids[i]!);
        if (isPair) i++;
      }
      ids = joined;
    }
  }
}

/** The words of a text, each with its end mark; other white space stands alone. Joined, they are the text and one mark. */
export function wordsOf(text: string): string[] {
  return text === '' ? [] : (`${text}${WORD_END}`.match(/\S* |\S+|\s/g) ?? []);
}

function spelling(character: string): number[] {
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
  const digits = units.map((unit) => unit.toString(16).padStart(4, '0')).join('');
  return [...digits].map((digit) => SPECIAL_TOKENS.length + Number.parseInt(digit, 16));
}

/** The text that digits spell; U+FFFD for less than four, which no encoded text ends with. */
function spelled(digits: string): string {
  const units = digits.match(/.{1,4}/g) ?? [];
  return units.map((unit) => String.fromCharCode(unit.length < 4 ? 0xfffd : Number.parseInt(unit, 16))).join('');
}

function pairKey(left: number, right: number): number {
  return left * 2 ** 26 + right;
}
