import { cat, GradwireError, ShapeError, type Tensor } from '@gradwire/tensor';
import { Dropout } from '../layers/dropout.ts';
import { Embedding } from '../layers/embedding.ts';
import { Module } from '../module.ts';
import type { GRU } from '../recurrent/gru.ts';
import type { LSTM } from '../recurrent/lstm.ts';
import { packPaddedSequence, padPackedSequence, type Lengths } from '../recurrent/packed-sequence.ts';
import { recurrentLayer, runRecurrent, type Cell } from './recurrent.ts';

export interface Seq2SeqEncoderOptions {
  /** 'LSTM' unless told otherwise. */
  readonly cell?: Cell;
  readonly numLayers?: number;
  /** Reads from both ends; each direction has half of hiddenSize, so that a decoder of hiddenSize takes both. */
  readonly bidirectional?: boolean;
  /** Of the embeddings and between layers, in training; 0. */
  readonly dropout?: number;
  /** The token that pads: its embedding stays zero. None by default. */
  readonly paddingIdx?: number | null;
}

/** outputs: [N, S, hiddenSize], zeros behind each end; states: the last ones, h and for an LSTM c, [numLayers, N, hiddenSize]. */
export interface Encoded {
  readonly outputs: Tensor;
  readonly states: readonly Tensor[];
}

/**
 * Reads sequences of tokens with an LSTM or GRU (Sutskever et al. 2014; Cho et al. 2014), from both ends if bidirectional
 * (Bahdanau et al. 2015): →h and ←h stand behind each other in outputs and in states. Padding is not computed.
 * source: [N, S] int32, lengths: [N], each from 1 to S. Keys: `embedding.weight`, and those of `rnn` as in PyTorch.
 * Throws ShapeError, and GradwireError ERR_OPTION for a hiddenSize that cannot be halved.
 */
export class Seq2SeqEncoder extends Module {
  readonly embedding: Embedding;
  readonly dropout: Dropout;
  readonly rnn: GRU | LSTM;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly #bidirectional: boolean;

  constructor(vocabSize: number, embeddingSize: number, hiddenSize: number, options: Seq2SeqEncoderOptions = {}) {
    super();
    const { cell, numLayers, bidirectional, dropout, paddingIdx } = this.withDefaults(options, {
      cell: 'LSTM',
      numLayers: 1,
      bidirectional: false,
      dropout: 0,
      paddingIdx: null,
    });
    if (bidirectional && hiddenSize % 2 !== 0) {
      throw new GradwireError(
        'ERR_OPTION',
        `Seq2SeqEncoder: hiddenSize ${hiddenSize} must be even, for half of it reads in each direction`,
      );
    }
    this.hiddenSize = hiddenSize;
    this.numLayers = numLayers;
    this.#bidirectional = bidirectional;
    this.embedding = new Embedding(vocabSize, embeddingSize, { paddingIdx });
    this.dropout = new Dropout(dropout);
    this.rnn = recurrentLayer(cell, embeddingSize, bidirectional ? hiddenSize / 2 : hiddenSize, {
      numLayers,
      bidirectional,
      dropout,
    });
  }

  forward(source: Tensor, lengths: Lengths): Encoded {
    if (source.rank !== 2) throw new ShapeError(`Seq2SeqEncoder: source [${source.shape.join(', ')}] must be [N, S]`);
    const tokens = packPaddedSequence(source, lengths, { batchFirst: true, enforceSorted: false });
    const data = this.dropout.forward(this.embedding.forward(tokens.data));
    const [packed, states] = runRecurrent(this.rnn, { ...tokens, data });
    const [outputs] = padPackedSequence(packed, { batchFirst: true, totalLength: source.shape[1] });
    return { outputs, states: this.#bidirectional ? states.map(besideEachOther) : states };
  }
}

/** [2·numLayers, N, size], both directions of a layer behind each other → [numLayers, N, 2·size]. */
function besideEachOther(states: Tensor): Tensor {
  const [count, N, size] = states.shape;
  const [forward, backward] = [0, 1].map((direction) => states.reshape([count / 2, 2, N, size]).select(1, direction));
  return cat([forward, backward], 2);
}
