import { GradwireError, noGrad, type Tensor } from '@gradwire/tensor';

/** What a model says about the next tokens: logProbs: [sequences, vocabulary], and its state after them. */
export interface NextTokens<State> {
  readonly logProbs: Tensor;
  readonly state: State;
}

export interface BeamSearchOptions<State> {
  /** First token of every sequence. */
  readonly start: number;
  /** Token that ends a sequence. */
  readonly end: number;
  /** Sequences that are kept at each step. */
  readonly beams: number;
  /** Tokens after `start`, `end` among them, at which a sequence stops. */
  readonly maxLength: number;
  /** α in score = log p/((5 + length)/6)^α (Wu et al. 2016); 0 by default: the most probable sequence wins. */
  readonly lengthPenalty?: number;
  /** State of the model before the first step, for one sequence. */
  readonly state: State;
  /** The next tokens of all sequences, each beginning with `start`; row i of logProbs and state belongs to sequence i. */
  readonly step: (sequences: readonly (readonly number[])[], state: State) => NextTokens<State>;
  /** The state with row i taken from row rows[i]. */
  readonly pick: (state: State, rows: readonly number[]) => State;
}

/** A decoded sequence: its tokens without `start` and `end`, and whether it reached `end`. */
export interface Hypothesis {
  readonly tokens: readonly number[];
  readonly logProb: number;
  readonly score: number;
  readonly finished: boolean;
}

interface Beam {
  /** With `start`. */
  readonly tokens: readonly number[];
  readonly logProb: number;
  readonly row: number;
}

/**
 * The most probable sequences of a model, the best first, at most `beams`: at each step the `beams` best continuations of
 * all kept sequences are kept. It ends when no sequence could still become one of the best. Throws GradwireError ERR_OPTION.
 */
export function beamSearch<State>(options: BeamSearchOptions<State>): Hypothesis[] {
  const { start, end, beams, maxLength, lengthPenalty = 0, step, pick } = options;
  if (!(Number.isInteger(beams) && beams >= 1 && Number.isInteger(maxLength) && maxLength >= 1)) {
    throw new GradwireError(
      'ERR_OPTION',
      `beamSearch: beams ${beams} and maxLength ${maxLength} must be whole numbers from 1`,
    );
  }
  const divisor = (length: number): number => ((5 + length) / 6) ** lengthPenalty;
  const hypothesis = ({ tokens, logProb }: Beam, finished: boolean): Hypothesis => ({
    tokens: tokens.slice(1, finished ? -1 : undefined),
    logProb,
    score: logProb / divisor(tokens.length - 1),
    finished,
  });
  return noGrad(() => {
    let { state } = options;
    let live: Beam[] = [{ tokens: [start], logProb: 0, row: 0 }];
    let done: Hypothesis[] = [];
    for (let length = 1; length <= maxLength && live.length > 0; length++) {
      const next = step(
        live.map(({ tokens }) => tokens),
        state,
      );
      const { open, ended } = continuations(live, next.logProbs, end, beams);
      done = best([...done, ...ended.map((beam) => hypothesis(beam, true))], beams);
      live = open;
      if (live.length > 0) {
        state = pick(
          next.state,
          live.map(({ row }) => row),
        );
      }
      const bound = (live[0]?.logProb ?? -Infinity) / Math.max(divisor(length + 1), divisor(maxLength));
      if (done.length === beams && bound <= done[beams - 1].score) return done;
    }
    return best([...done, ...live.map((beam) => hypothesis(beam, false))], beams);
  });
}

/** The `count` best continuations that go on, the best first, and all that end; impossible ones are left out. */
function continuations(
  live: readonly Beam[],
  logProbs: Tensor,
  end: number,
  count: number,
): { open: Beam[]; ended: Beam[] } {
  const vocabulary = logProbs.shape[1];
  const values = logProbs.data();
  const all = live.flatMap(({ tokens, logProb }, row) =>
    Array.from({ length: vocabulary }, (_, token) => ({
      tokens,
      token,
      row,
      logProb: logProb + values[row * vocabulary + token],
    })).filter((candidate) => candidate.logProb > -Infinity),
  );
  const extended = ({ tokens, token, row, logProb }: (typeof all)[number]): Beam => ({
    tokens: [...tokens, token],
    row,
    logProb,
  });
  const open = all.filter(({ token }) => token !== end).sort((a, b) => b.logProb - a.logProb);
  return { open: open.slice(0, count).map(extended), ended: all.filter(({ token }) => token === end).map(extended) };
}

function best(hypotheses: readonly Hypothesis[], count: number): Hypothesis[] {
  return [...hypotheses].sort((a, b) => b.score - a.score).slice(0, count);
}
