/** Sequences in a beam search, and how they are continued. */

export interface Beam {
  /** With `start`. */
  readonly tokens: readonly number[];
  readonly logProb: number;
  /** Where its next tokens stand. */
  readonly row: number;
}

interface Candidate {
  readonly beam: Beam;
  readonly token: number;
  readonly logProb: number;
}

/** The `count` best continuations that go on, the best first, and all that end; impossible ones are left out. */
export function continuations(
  live: readonly Beam[],
  logProbs: ArrayLike<number>,
  { vocabulary, end, count }: { readonly vocabulary: number; readonly end: number; readonly count: number },
): { open: Beam[]; ended: Beam[] } {
  const open: Candidate[] = [];
  const ended: Candidate[] = [];
  for (const beam of live) {
    const first = beam.row * vocabulary;
    for (let token = 0; token < vocabulary; token++) {
      const logProb = beam.logProb + logProbs[first + token];
      if (!(logProb > -Infinity)) continue;
      if (token === end) ended.push({ beam, token, logProb });
      else if (open.length < count || logProb > open[count - 1].logProb) insert(open, { beam, token, logProb }, count);
    }
  }
  return { open: open.map(extended), ended: ended.map(extended) };
}

/** Puts a candidate among the `count` best, in order; of equals the earlier comes first. */
function insert(ranked: Candidate[], candidate: Candidate, count: number): void {
  let at = ranked.length;
  while (at > 0 && ranked[at - 1].logProb < candidate.logProb) at--;
  ranked.splice(at, 0, candidate);
  if (ranked.length > count) ranked.pop();
}

function extended({ beam, token, logProb }: Candidate): Beam {
  return { tokens: [...beam.tokens, token], logProb, row: beam.row };
}

/** The `count` best by score; of equals the earlier comes first. */
export function best<Scored extends { readonly score: number }>(all: readonly Scored[], count: number): Scored[] {
  return [...all].sort((a, b) => b.score - a.score).slice(0, count);
}
