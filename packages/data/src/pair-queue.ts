/** Two neighbouring symbols, how often they occur, and in which words (or did occur, before other merges). */
export interface Pair {
  readonly left: number;
  readonly right: number;
  count: number;
  readonly words: number[];
}

const COUNT_MIN = 2;

interface Entry {
  readonly pair: Pair;
  readonly count: number;
  readonly place: number;
}

/**
 * Gives the most frequent pair; of equally frequent ones the one whose place is first. A binary heap of what was known
 * when a pair was added. Since then counts can have fallen and places gone up, so an entry is looked at again when it
 * comes to the top; whoever raises a count adds the pair anew. Pairs that occur once are left out.
 */
export class PairQueue {
  readonly #entries: Entry[] = [];
  readonly #placeOf: (pair: Pair) => number;

  constructor(placeOf: (pair: Pair) => number) {
    this.#placeOf = placeOf;
  }

  add(pair: Pair): void {
    if (pair.count < COUNT_MIN) return;
    const entry = this.#entry(pair);
    const entries = this.#entries;
    let at = entries.push(entry) - 1;
    for (let above; at > 0 && isBefore(entry, entries[(above = (at - 1) >> 1)]!); at = above)
      entries[at] = entries[above]!;
    entries[at] = entry;
  }

  /** Takes the first pair out; undefined if none is left that occurs twice. */
  take(): Pair | undefined {
    for (let top = this.#pop(); top; top = this.#pop()) {
      const now = this.#entry(top.pair);
      if (now.count === top.count && now.place === top.place) return top.pair;
      this.add(top.pair);
    }
    return undefined;
  }

  #entry(pair: Pair): Entry {
    return { pair, count: pair.count, place: pair.count < COUNT_MIN ? Infinity : this.#placeOf(pair) };
  }

  #pop(): Entry | undefined {
    const entries = this.#entries;
    const top = entries[0];
    const last = entries.pop();
    if (!last || entries.length === 0) return top;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below + 1 < entries.length && isBefore(entries[below + 1]!, entries[below]!)) below++;
      if (below >= entries.length || !isBefore(entries[below]!, last)) break;
      entries[at] = entries[below]!;
      at = below;
    }
    entries[at] = last;
    return top;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.count > b.count || (a.count === b.count && a.place < b.place);
}
