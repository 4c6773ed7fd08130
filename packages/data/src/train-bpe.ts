// Learning byte-pair merges. Words: a *symbol* is a character or what a merge made of two symbols; a *pair* is two
// symbols that stand beside each other in a word. Counts are kept up to date from merge to merge, so that a merge costs
// as much as the words that hold its pair.
import { GradwireError } from '@gradwire/tensor';
import { BpeTokenizer, FALLBACK_TOKENS, SPECIAL_TOKENS, wordsOf } from './bpe-tokenizer.ts';
import { PairQueue, type Pair } from './pair-queue.ts';
import { countTokens } from './vocabulary.ts';

export interface TrainBpeOptions {
  /** Tokens in all: special ones, those of unknown characters, characters, merges. */
  readonly vocabularySize: number;
}

/**
 * Byte-pair encoding (Sennrich, Haddow & Birch 2016): begins with the characters of the texts and joins, again and again,
 * the most frequent pair of neighbours within words; among equally frequent ones the one that stands first in the texts.
 * Ends at vocabularySize tokens, or earlier if no pair is left that occurs twice. For a joint vocabulary of two languages
 * pass the texts of both. If there are more characters than room, the rarest are left out. Throws GradwireError
 * ERR_VOCABULARY if vocabularySize has no room for the special tokens and those of unknown characters.
 */
export function trainBpe(texts: Iterable<string>, { vocabularySize }: TrainBpeOptions): BpeTokenizer {
  const fixed = SPECIAL_TOKENS.length + FALLBACK_TOKENS.length;
  if (!Number.isInteger(vocabularySize) || vocabularySize < fixed) {
    throw new GradwireError(
      'ERR_VOCABULARY',
      `trainBpe: vocabularySize must be a whole number from ${fixed}, got ${vocabularySize}`,
    );
  }
  const words = countWords(texts);
  const characters = frequentCharacters(words, vocabularySize - fixed);
  const merges = new Merger(words, characters).run(vocabularySize - fixed - characters.length);
  return new BpeTokenizer({ characters, merges });
}

function countWords(texts: Iterable<string>): Map<string, number> {
  function* rows(): Iterable<string[]> {
    for (const text of texts) yield wordsOf(text);
  }
  return countTokens(rows());
}

/** The `room` most frequent characters; equally frequent ones in the order of their code points. */
function frequentCharacters(words: ReadonlyMap<string, number>, room: number): string[] {
  const counts = new Map<string, number>();
  for (const [word, count] of words) {
    for (const character of word) counts.set(character, (counts.get(character) ?? 0) + count);
  }
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || a.codePointAt(0)! - b.codePointAt(0)!);
  return sorted.slice(0, room).map(([character]) => character);
}

interface Word {
  /** Numbers of symbols, in the order in which symbols were made. */
  symbols: number[];
  readonly count: number;
}

class Merger {
  readonly #symbols: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #words: Word[];
  readonly #pairs = new Map<number, Pair>();
  readonly #queue: PairQueue;

  constructor(counts: ReadonlyMap<string, number>, characters: readonly string[]) {
    for (const character of characters) this.#number(character);
    this.#words = [...counts].flatMap(([word, count]) =>
      this.#knownRuns(word).map((symbols): Word => ({ symbols, count })),
    );
    this.#queue = new PairQueue((pair) => this.#firstPlace(pair));
    const seen = new Set<Pair>();
    this.#words.forEach((_, i) => this.#count(i, 1, seen));
    for (const pair of seen) this.#queue.add(pair);
  }

  /** The merges that make at most `room` new symbols, in the order in which they were found. */
  run(room: number): [string, string][] {
    const merges: [string, string][] = [];
    const full = this.#symbols.length + room;
    while (this.#symbols.length < full) {
      const pair = this.#queue.take();
      if (!pair) break;
      merges.push([this.#symbols[pair.left]!, this.#symbols[pair.right]!]);
      this.#merge(pair);
    }
    return merges;
  }

  #number(symbol: string): number {
    let number = this.#numbers.get(symbol);
    if (number === undefined) {
      number = this.#symbols.push(symbol) - 1;
      this.#numbers.set(symbol, number);
    }
    return number;
  }

  /** A word as characters; one that is not in the vocabulary parts it, as nothing is joined with it. */
  #knownRuns(word: string): number[][] {
    const runs: number[][] = [[]];
    for (const character of word) {
      const number = this.#numbers.get(character);
      if (number === undefined) runs.push([]);
      else runs.at(-1)!.push(number);
    }
    return runs.filter((run) => run.length > 1);
  }

  #merge({ left, right, words }: Pair): void {
    const joined = this.#number(this.#symbols[left]! + this.#symbols[right]!);
    const more = new Set<Pair>();
    for (const i of new Set(words)) {
      const word = this.#words[i]!;
      const symbols = mergedSymbols(word.symbols, left, right, joined);
      if (symbols.length === word.symbols.length) continue; // the pair went from this word by another merge
      this.#count(i, -1);
      word.symbols = symbols;
      this.#count(i, 1, more);
    }
    for (const pair of more) this.#queue.add(pair);
  }

  /** Adds a word's pairs to their counts, or takes them away; `seen` gathers them. */
  #count(i: number, sign: 1 | -1, seen?: Set<Pair>): void {
    const { symbols, count } = this.#words[i]!;
    for (let at = 0; at + 1 < symbols.length; at++) {
      const pair = this.#pair(symbols[at]!, symbols[at + 1]!);
      pair.count += sign * count;
      if (sign > 0 && pair.words.at(-1) !== i) pair.words.push(i);
      seen?.add(pair);
    }
  }

  #pair(left: number, right: number): Pair {
    const key = left * 2 ** 26 + right;
    let pair = this.#pairs.get(key);
    if (!pair) this.#pairs.set(key, (pair = { left, right, count: 0, words: [] }));
    return pair;
  }

  /** Where a pair occurs first: the number of the word, and of the symbol in it. */
  #firstPlace({ left, right, words }: Pair): number {
    let first = Infinity;
    for (const i of words) {
      if (i * 2 ** 26 >= first) continue;
      const { symbols } = this.#words[i]!;
      const at = symbols.findIndex((symbol, k) => symbol === left && symbols[k + 1] === right);
      if (at >= 0) first = i * 2 ** 26 + at;
    }
    return first;
  }
}

/** Every pair left, right as one symbol, from the left on. */
function mergedSymbols(symbols: readonly number[], left: number, right: number, joined: number): number[] {
  const merged: number[] = [];
  for (let at = 0; at < symbols.length; at++) {
    const isPair = symbols[at] === left && symbols[at + 1] === right;
    merged.push(isPair ? joined : symbols[at]!);
    if (isPair) at++;
  }
  return merged;
}
