import { GradwireError, noGrad, type Tensor } from '@gradwire/tensor';
import { best, continuations, type Beam } from './beams.ts';

/** What a model says about the next tokens: logProbs: [sequences, vocabulary], and its state after them. */
export interface NextTokens<State> {
  readonly logProbs: Tensor;
  readonly state: State;
}

/** How scores depend on length: α of Wu et al. 2016, or what log probabilities are divided by at a length. */
export type LengthPenalty = number | ((length: number) => number);

/** What is searched for. */
export interface BeamSearchLimits {
  /** First token of every sequence. */
  readonly start: number;
  /** Token that ends a sequence. */
  readonly end: number;
  /** Sequences that are kept at each step. */
  readonly beams: number;
  /** Tokens after `start`, `end` among them, at which a sequence stops. */
  readonly maxLength: number;
  /**
   * α in score = log p/((5 + length)/6)^α (Wu et al. 2016); 0 by default: the most probable sequence wins. A function must
   * rise or fall all the way; `(length) => length ** α` is the convention of Hugging Face.
   */
  readonly lengthPenalty?: LengthPenalty;
}

/** How a model is asked. */
export interface BeamSearchSteps<State> {
  /** State of the model before the first step, one row for each source. */
  readonly state: State;
  /** The next tokens of all sequences, each beginning with `start`; row i of logProbs and state belongs to sequence i. */
  readonly step: (sequences: readonly (readonly number[])[], state: State) => NextTokens<State>;
  /** The state with row i taken from row rows[i]. */
  readonly pick: (state: State, rows: readonly number[]) => State;
}

export type BeamSearchOptions<State> = BeamSearchLimits & BeamSearchSteps<State>;

export type BatchedBeamSearchOptions<State> = BeamSearchOptions<State> & {
  /** Sources that are decoded side by side. */
  readonly batch: number;
};

/** A decoded sequence: its tokens without `start` and `end`, and whether it reached `end`. */
export interface Hypothesis {
  readonly tokens: readonly number[];
  readonly logProb: number;
  readonly score: number;
  readonly finished: boolean;
}

/**
 * The most probable sequences of a model, the best first, at most `beams`: at each step the `beams` best continuations of
 * all kept sequences are kept. It ends when no sequence could still become one of the best. Throws GradwireError ERR_OPTION.
 */
export function beamSearch<State>(options: BeamSearchOptions<State>): Hypothesis[] {
  return batchedBeamSearch({ ...options, batch: 1 })[0];
}

/**
 * The same for several sources at once, each searched by itself: hypotheses of each source. The rows of a step are the open
 * sequences of the first source, then those of the second, and so on; a source that is done has none.
 */
export function batchedBeamSearch<State>(options: BatchedBeamSearchOptions<State>): Hypothesis[][] {
  const prompts = Array.from({ length: options.batch }, () => [options.start]);
  return searchBehind(prompts, options, options);
}

/** The same for sequences that begin with tokens of their own; only those behind them count, for lengths and results. */
export function searchBehind<State>(
  prompts: readonly (readonly number[])[],
  limits: Omit<BeamSearchLimits, 'start'>,
  { step, pick, ...given }: BeamSearchSteps<State>,
): Hypothesis[][] {
  checkLimits(limits);
  const { maxLength } = limits;
  return noGrad(() => {
    const searches = prompts.map((prompt, row) => new Search(prompt, limits, row));
    let { state } = given;
    for (let length = 1; length <= maxLength; length++) {
      const sequences = searches.flatMap(({ live }) => live.map(({ tokens }) => tokens));
      if (sequences.length === 0) break;
      const next = step(sequences, state);
      const logProbs = next.logProbs.data();
      for (const search of searches) search.advance(logProbs, next.logProbs.shape[1], length);
      const rows = searches.flatMap(({ live }) => live.map(({ row }) => row));
      if (rows.length > 0) state = pick(next.state, rows);
      renumber(searches);
    }
    return searches.map((search) => search.results());
  });
}

/** After `pick` the open sequences stand in the order of the searches. */
function renumber(searches: readonly Search[]): void {
  let row = 0;
  for (const search of searches) search.live = search.live.map((beam) => ({ ...beam, row: row++ }));
}

/** The search for one source. */
class Search {
  /** Open sequences, the best first; none once the search is over. */
  live: readonly Beam[];
  #done: Hypothesis[] = [];
  readonly #before: number;
  readonly #limits: Omit<BeamSearchLimits, 'start'>;
  readonly #divisor: (length: number) => number;

  constructor(prompt: readonly number[], limits: Omit<BeamSearchLimits, 'start'>, row: number) {
    const { lengthPenalty = 0 } = limits;
    this.#before = prompt.length;
    this.#limits = limits;
    this.#divisor =
      typeof lengthPenalty === 'function' ? lengthPenalty : (length) => ((5 + length) / 6) ** lengthPenalty;
    this.live = [{ tokens: prompt, logProb: 0, row }];
  }

  /** Takes the best continuations, of now `length` tokens. */
  advance(logProbs: ArrayLike<number>, vocabulary: number, length: number): void {
    const { end, beams, maxLength } = this.#limits;
    const { open, ended } = continuations(this.live, logProbs, { vocabulary, end, count: beams });
    this.#done = best([...this.#done, ...ended.map((beam) => this.#hypothesis(beam, true))], beams);
    const longest = Math.max(this.#divisor(length + 1), this.#divisor(maxLength));
    const bound = (open[0]?.logProb ?? -Infinity) / longest;
    this.live = this.#done.length === beams && bound <= this.#done[beams - 1].score ? [] : open;
  }

  results(): Hypothesis[] {
    return best([...this.#done, ...this.live.map((beam) => this.#hypothesis(beam, false))], this.#limits.beams);
  }

  #hypothesis({ tokens, logProb }: Beam, finished: boolean): Hypothesis {
    const score = logProb / this.#divisor(tokens.length - this.#before);
    return { tokens: tokens.slice(this.#before, finished ? -1 : undefined), logProb, score, finished };
  }
}

function checkLimits({ beams, maxLength }: Omit<BeamSearchLimits, 'start'>): void {
  if (Number.isInteger(beams) && beams >= 1 && Number.isInteger(maxLength) && maxLength >= 1) return;
  throw new GradwireError(
    'ERR_OPTION',
    `beamSearch: beams ${beams} and maxLength ${maxLength} must be whole numbers from 1`,
  );
}
