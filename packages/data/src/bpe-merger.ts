// Learning byte-pair merges. Words: a *symbol* is a character or what a merge made of two symbols; a *pair* is two
// symbols that stand beside each other in a word. Counts are kept up to date from merge to merge, so that a merge costs
// as much as the words that hold its pair.
import { PairQueue, type Pair } from './pair-queue.ts';

/** Above the number of symbols, and of characters in a word. */
const PLACES = 2 ** 26;

interface Word {
  /** Numbers of symbols, in the order in which symbols were made. */
  symbols: number[];
  readonly count: number;
}

/** Finds the merges of a corpus, given as its words and how often each occurs. */
export class Merger {
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
    this.#words.forEach((_, i) => this.#count(i, 1, () => true));
    for (const pair of this.#pairs.values()) this.#queue.add(pair);
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
    // Only pairs with the joined symbol can be in a word, or in it more often, that they were not in before.
    const isNew = (pair: Pair): boolean => (pair.left === joined || pair.right === joined) && Boolean(more.add(pair));
    for (const i of new Set(words)) {
      const word = this.#words[i]!;
      const symbols = mergedSymbols(word.symbols, left, right, joined);
      if (symbols.length === word.symbols.length) continue; // the pair went from this word by another merge
      this.#count(i, -1, () => false);
      word.symbols = symbols;
      this.#count(i, 1, isNew);
    }
    for (const pair of more) this.#queue.add(pair);
  }

  /** Adds a word's pairs to their counts, or takes them away; pairs that are new to it learn that they are in it. */
  #count(i: number, sign: 1 | -1, isNew: (pair: Pair) => boolean): void {
    const { symbols, count } = this.#words[i]!;
    for (let at = 0; at + 1 < symbols.length; at++) {
      const pair = this.#pair(symbols[at]!, symbols[at + 1]!);
      pair.count += sign * count;
      if (isNew(pair) && pair.words.at(-1) !== i) pair.words.push(i);
    }
  }

  #pair(left: number, right: number): Pair {
    const key = left * PLACES + right;
    let pair = this.#pairs.get(key);
    if (!pair) this.#pairs.set(key, (pair = { left, right, count: 0, words: [] }));
    return pair;
  }

  /** Where a pair occurs first: the number of the word, and how many characters of it stand before; merges do not move it. */
  #firstPlace({ left, right, words }: Pair): number {
    let first = Infinity;
    for (const i of words) {
      if (i * PLACES >= first) continue;
      const { symbols } = this.#words[i]!;
      const at = symbols.findIndex((symbol, k) => symbol === left && symbols[k + 1] === right);
      if (at >= 0)
        first = i * PLACES + symbols.slice(0, at).reduce((sum, symbol) => sum + this.#symbols[symbol]!.length, 0);
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
