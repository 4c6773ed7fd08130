import {
  arange,
  cat,
  fromTypedArray,
  GradwireError,
  logSoftmax,
  noGrad,
  ShapeError,
  step,
  type Tensor,
} from '@gradwire/tensor';
import { batchedBeamSearch, type BeamSearchLimits, type Hypothesis } from '../decoding/beam-search.ts';
import { Module } from '../module.ts';
import type { Lengths } from '../recurrent/packed-sequence.ts';
import { decodeStep } from './decode-step.ts';
import { pickSequences, type DecoderState } from './decoder-state.ts';
import type { Decoded, Seq2SeqDecoder } from './decoder.ts';
import type { Seq2SeqEncoder } from './encoder.ts';
import { greedyTokens, type GreedyDecoded, type Seq2SeqGreedyOptions } from './greedy.ts';
import { forcedStretches, type TeacherForcingOptions } from './teacher-forcing.ts';

/**
 * An encoder and a decoder (Sutskever et al. 2014), which begins with the encoder's last states and attends to its outputs.
 * Tokens are int32; source: [N, S] with lengths [N], each from 1 to S; what is behind a length is never seen.
 * Keys: `encoder.…` and `decoder.…`. Throws GradwireError ERR_OPTION for two that do not fit.
 */
export class Seq2Seq extends Module {
  readonly encoder: Seq2SeqEncoder;
  readonly decoder: Seq2SeqDecoder;

  constructor(encoder: Seq2SeqEncoder, decoder: Seq2SeqDecoder) {
    super();
    const [reads, writes] = [encoder, decoder].map(
      ({ rnn, numLayers, hiddenSize }) => `${rnn.constructor.name}, numLayers ${numLayers}, hiddenSize ${hiddenSize}`,
    );
    if (reads !== writes) {
      throw new GradwireError(
        'ERR_OPTION',
        `Seq2Seq: the decoder begins with the encoder's states, so both must be alike: encoder ${reads}; decoder ${writes}`,
      );
    }
    this.encoder = encoder;
    this.decoder = decoder;
  }

  /**
   * Logits of the tokens behind each of targetInput: [N, T] → [N, T, vocabSize]. targetInput[:, 0] starts the decoder; each
   * other input is the target's or, with teacherForcing below 1, by chance the decoder's own (its most probable token, through
   * which no gradient flows). Stretches of given tokens are computed at once where the decoder can.
   */
  forward(source: Tensor, lengths: Lengths, targetInput: Tensor, options: TeacherForcingOptions = {}): Tensor {
    return this.decode(source, lengths, targetInput, options).logits;
  }

  /** As forward, with the weights of attention, [N, T, S]. */
  decode(
    source: Tensor,
    lengths: Lengths,
    targetInput: Tensor,
    options: TeacherForcingOptions = {},
  ): Omit<Decoded, 'state'> {
    if (targetInput.rank !== 2 || targetInput.shape[0] !== source.shape[0]) {
      const [target, sources] = [targetInput, source].map(({ shape }) => `[${shape.join(', ')}]`);
      throw new ShapeError(`Seq2Seq: targetInput ${target} must be [N, T], a row for each row of source ${sources}`);
    }
    const pieces: Decoded[] = [];
    let state = this.start(source, lengths);
    for (const [from, to] of forcedStretches(targetInput.shape[1], options)) {
      const given = targetInput.narrow(1, from, to - from);
      const piece = this.decoder.forward(from === 0 ? given : withOwn(pieces.at(-1)!, given), state);
      pieces.push(piece);
      state = piece.state;
    }
    if (pieces.length === 1) return pieces[0];
    const logits = cat(
      pieces.map((piece) => piece.logits),
      1,
    );
    return {
      logits,
      weights:
        this.decoder.attention &&
        cat(
          pieces.map(({ weights }) => weights!),
          1,
        ),
    };
  }

  /** The decoder's state in front of the first token: for searches of one's own. */
  start(source: Tensor, lengths: Lengths): DecoderState {
    return this.decoder.start(this.encoder.forward(source, lengths), paddingMask(lengths, source.shape[1]));
  }

  /**
   * The most probable next token at every step, for all sources at once, up to `end` or maxLength tokens; in evaluation,
   * without gradients. What it returns lives as long as the step around it, or until it is disposed.
   */
  greedyDecode(source: Tensor, lengths: Lengths, options: Seq2SeqGreedyOptions): GreedyDecoded {
    return this.#inEvaluation(() => {
      const [tokens, weights] = step(() => {
        const decoded = greedyTokens(this.decoder, this.start(source, lengths), options);
        return [decoded.tokens, decoded.weights] as const;
      });
      return { tokens, weights };
    });
  }

  /** The most probable translations of each source, the best first (see `beamSearch`), all sources at once; in evaluation. */
  beamSearch(source: Tensor, lengths: Lengths, limits: BeamSearchLimits): Hypothesis[][] {
    const next = (sequences: readonly (readonly number[])[], state: DecoderState) => {
      const last = Int32Array.from(sequences, (tokens) => tokens.at(-1)!);
      const tokens = fromTypedArray(last, [last.length, 1]);
      const { result, state: after } = decodeStep(this.decoder, tokens, state, (logits) =>
        logSoftmax(logits.squeeze(1), -1),
      );
      return { logProbs: result, state: after };
    };
    return this.#inEvaluation(() =>
      step(() => {
        const state = this.start(source, lengths);
        return batchedBeamSearch({ ...limits, batch: source.shape[0], state, step: next, pick: pickSequences });
      }),
    );
  }

  #inEvaluation<T>(fn: () => T): T {
    const { training } = this;
    this.eval();
    try {
      return noGrad(fn);
    } finally {
      this.train(training);
    }
  }
}

/** The given tokens, the first of them replaced by the most probable one behind `before`. */
function withOwn({ logits }: Decoded, given: Tensor): Tensor {
  const own = logits.narrow(1, logits.shape[1] - 1, 1).argmax(2);
  const T = given.shape[1];
  return T === 1 ? own : cat([own, given.narrow(1, 1, T - 1)], 1);
}

/** [N, S], true behind the end of each source; null where all are as long as that. */
function paddingMask(lengths: Lengths, S: number): Tensor | null {
  const sizes = Int32Array.from('data' in lengths ? lengths.data() : lengths);
  if (sizes.every((size) => size === S)) return null;
  return arange(S).ge(fromTypedArray(sizes, [sizes.length, 1]));
}
