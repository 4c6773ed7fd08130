import { GradwireError } from '@gradwire/tensor';
import { searchBehind, type BeamSearchLimits, type Hypothesis } from './beam-search.ts';
import { chooseToken, type SamplingOptions } from './choose-token.ts';
import { NextLogits, type CausalModel } from './next-logits.ts';

export interface GenerateOptions extends SamplingOptions {
  /** Most tokens that are added to a text. */
  readonly maxNewTokens: number;
  /** Token behind which a text ends; none unless given. */
  readonly end?: number;
}

export interface GenerateBeamsOptions extends Pick<BeamSearchLimits, 'beams' | 'lengthPenalty'> {
  readonly maxNewTokens: number;
  readonly end?: number;
}

/**
 * Continues a text, or several at once: its tokens and up to maxNewTokens more, each drawn by the logits that the model
 * gives behind those before it (temperature 0: the most probable). Of several, each may have its own length. Within the
 * model's context every token goes through the model once; a longer text is seen by its last contextLength tokens, at the
 * cost of a whole forward for each token. The model is in evaluation meanwhile. Throws GradwireError ERR_OPTION.
 */
export function generate(model: CausalModel, tokens: readonly number[], options: GenerateOptions): number[];
export function generate(
  model: CausalModel,
  tokens: readonly (readonly number[])[],
  options: GenerateOptions,
): number[][];
export function generate(
  model: CausalModel,
  tokens: readonly number[] | readonly (readonly number[])[],
  options: GenerateOptions,
): number[] | number[][] {
  return isBatch(tokens) ? continueAll(model, tokens, options) : continueAll(model, [tokens], options)[0];
}

/**
 * The most probable continuations of each text by a beam search, at most `beams`, the best first; their tokens are those
 * behind the text. Otherwise as `generate`.
 */
export function generateBeams(
  model: CausalModel,
  texts: readonly (readonly number[])[],
  { maxNewTokens, end = -1, ...limits }: GenerateBeamsOptions,
): Hypothesis[][] {
  const size = { maxRows: texts.length * limits.beams, room: maxNewTokens };
  return withLogits(model, texts, size, (next) =>
    searchBehind(
      texts,
      { ...limits, maxLength: maxNewTokens, end },
      {
        state: next,
        step: (sequences) => ({ logProbs: next.logProbs(sequences), state: next }),
        pick: (_, rows) => {
          next.pick(rows);
          return next;
        },
      },
    ),
  );
}

function continueAll(
  model: CausalModel,
  prompts: readonly (readonly number[])[],
  { maxNewTokens, end, ...sampling }: GenerateOptions,
): number[][] {
  const texts = prompts.map((prompt) => [...prompt]);
  withLogits(model, texts, { maxRows: texts.length, room: maxNewTokens }, (next) => {
    let open = texts;
    for (let i = 0; i < maxNewTokens && open.length > 0; i++) {
      const logits = next.logits(open);
      const vocabulary = logits.length / open.length;
      open.forEach((text, row) => {
        text.push(chooseToken(logits.subarray(row * vocabulary, (row + 1) * vocabulary), sampling));
      });
      const rows = open.flatMap((text, row) => (text.at(-1) === end ? [] : [row]));
      if (rows.length < open.length) next.pick(rows);
      open = rows.map((row) => open[row]);
    }
  });
  return texts;
}

function withLogits<T>(
  model: CausalModel,
  texts: readonly (readonly number[])[],
  size: { readonly maxRows: number; readonly room: number },
  use: (next: NextLogits) => T,
): T {
  if (texts.length === 0 || texts.some(({ length }) => length === 0)) {
    throw new GradwireError('ERR_OPTION', 'generate: there must be texts, each of at least one token');
  }
  const { training } = model;
  const next = new NextLogits(model, texts, size);
  model.train(false);
  try {
    return use(next);
  } finally {
    model.train(training);
    next[Symbol.dispose]();
  }
}

function isBatch(tokens: readonly number[] | readonly (readonly number[])[]): tokens is readonly (readonly number[])[] {
  return Array.isArray(tokens[0]);
}
