import { cat, GradwireError, ShapeError, zeros, type Tensor } from '@gradwire/tensor';
import { Dropout } from '../layers/dropout.ts';
import { Embedding } from '../layers/embedding.ts';
import { Linear } from '../layers/linear.ts';
import { Module } from '../module.ts';
import type { GRU } from '../recurrent/gru.ts';
import type { LSTM } from '../recurrent/lstm.ts';
import type { DecoderState } from './decoder-state.ts';
import type { Encoded } from './encoder.ts';
import { recurrentLayer, runRecurrent, type Cell } from './recurrent.ts';
import {
  BahdanauAttention,
  LuongAttention,
  type Attended,
  type LuongScore,
  type SequenceAttention,
} from './sequence-attention.ts';

export interface Seq2SeqDecoderOptions {
  /** 'LSTM' unless told otherwise. */
  readonly cell?: Cell;
  readonly numLayers?: number;
  /** 'bahdanau' attends in front of the recurrent layer, Luong's kinds behind it; null for none; 'general' by default. */
  readonly attention?: 'bahdanau' | LuongScore | null;
  /** Whether the recurrent layer also sees what the last step has made of attention (Luong et al. 2015, §3.3); false. */
  readonly inputFeeding?: boolean;
  /** Of the embeddings, between layers, and in front of the output layer, in training; 0. */
  readonly dropout?: number;
  /** The token that pads: its embedding stays zero. None by default. */
  readonly paddingIdx?: number | null;
}

/** logits: [N, T, vocabSize]; weights: how much each token attended to each source token, [N, T, S], null without attention. */
export interface Decoded {
  readonly logits: Tensor;
  readonly weights: Tensor | null;
  readonly state: DecoderState;
}

interface Features {
  readonly features: Tensor;
  readonly weights: Tensor | null;
  readonly state: DecoderState;
}

/**
 * Predicts each next token of a target from the tokens before it and the encoded source, with an LSTM or GRU over embeddings
 * y_t that begins with the encoder's last states:
 *
 * - Luong et al. (2015): h_t = RNN(y_t, h_{t−1}); context c_t by attention of h_t; h̃_t = tanh(W_c·[c_t, h_t]), and with
 *   input feeding h_t = RNN([y_t, h̃_{t−1}], h_{t−1}), h̃_0 = 0.
 * - Bahdanau et al. (2015): c_t by attention of h_{t−1}, of the last layer; h_t = RNN([y_t, c_t], h_{t−1}); h̃_t as above.
 * - Without attention (Sutskever et al. 2014): h̃_t = h_t.
 *
 * logits_t = W·h̃_t + b. Luong's without input feeding, and none, compute all T tokens at once; the others step by step.
 * Keys: `embedding.weight`, `rnn.…` as in PyTorch, `attention.…`, `combine.weight` (W_c), `output.weight`, `output.bias`.
 * Throws ShapeError, and GradwireError ERR_OPTION for input feeding without one of Luong's kinds of attention.
 */
export class Seq2SeqDecoder extends Module {
  readonly embedding: Embedding;
  readonly dropout: Dropout;
  readonly rnn: GRU | LSTM;
  readonly attention: SequenceAttention | null;
  readonly combine: Linear | null;
  readonly output: Linear;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly #inputFeeding: boolean;

  constructor(vocabSize: number, embeddingSize: number, hiddenSize: number, options: Seq2SeqDecoderOptions = {}) {
    super();
    const { cell, numLayers, attention, inputFeeding, dropout, paddingIdx } = this.withDefaults(options, {
      cell: 'LSTM',
      numLayers: 1,
      attention: 'general',
      inputFeeding: false,
      dropout: 0,
      paddingIdx: null,
    });
    if (inputFeeding && (attention === null || attention === 'bahdanau')) {
      throw new GradwireError(
        'ERR_OPTION',
        `Seq2SeqDecoder: inputFeeding needs attention 'dot', 'general' or 'concat', got ${attention}`,
      );
    }
    this.hiddenSize = hiddenSize;
    this.numLayers = numLayers;
    this.#inputFeeding = inputFeeding;
    this.embedding = new Embedding(vocabSize, embeddingSize, { paddingIdx });
    this.dropout = new Dropout(dropout);
    const inputSize = inputFeeding || attention === 'bahdanau' ? embeddingSize + hiddenSize : embeddingSize;
    this.rnn = recurrentLayer(cell, inputSize, hiddenSize, { numLayers, dropout, batchFirst: true });
    this.attention = attentionOf(attention, hiddenSize);
    this.combine = attention === null ? null : new Linear(2 * hiddenSize, hiddenSize, { bias: false });
    this.output = new Linear(hiddenSize, vocabSize);
  }

  /** The state in front of the first token of each sequence. mask: [N, S], true for places of the source to ignore. */
  start({ outputs, states }: Encoded, mask: Tensor | null = null): DecoderState {
    const fed = this.#inputFeeding ? zeros([outputs.shape[0], this.hiddenSize], { dtype: outputs.dtype }) : null;
    return { states, fed, memory: outputs, keys: this.attention?.keys(outputs) ?? null, mask };
  }

  /** tokens: [N, T] int32, those in front of the tokens that are predicted. */
  forward(tokens: Tensor, state: DecoderState): Decoded {
    if (tokens.rank !== 2 || tokens.shape[0] !== state.memory.shape[0]) {
      throw new ShapeError(
        `Seq2SeqDecoder: tokens [${tokens.shape.join(', ')}] must be [${state.memory.shape[0]}, T], a row for each source`,
      );
    }
    const embedded = this.dropout.forward(this.embedding.forward(tokens));
    const isStepwise = this.#inputFeeding || this.#attendsFirst;
    const {
      features,
      weights,
      state: after,
    } = isStepwise ? this.#stepwise(embedded, state) : this.#behind(embedded, state);
    return { logits: this.output.forward(this.dropout.forward(features)), weights, state: after };
  }

  get #attendsFirst(): boolean {
    return this.attention instanceof BahdanauAttention;
  }

  #stepwise(embedded: Tensor, state: DecoderState): Features {
    const steps: Features[] = [];
    for (let t = 0; t < embedded.shape[1]; t++) {
      const y = embedded.narrow(1, t, 1);
      const next = this.#attendsFirst ? this.#inFront(y, state) : this.#fed(y, state);
      steps.push(next);
      state = next.state;
    }
    const along = (of: (step: Features) => Tensor): Tensor =>
      steps.length === 1 ? of(steps[0]) : cat(steps.map(of), 1);
    return { features: along((step) => step.features), weights: along((step) => step.weights!), state };
  }

  /** Attention in front of the recurrent layer, for one token (Bahdanau et al. 2015). */
  #inFront(embedded: Tensor, state: DecoderState): Features {
    const [h] = state.states;
    const { context, weights } = this.#attend(h.narrow(0, h.shape[0] - 1, 1).transpose(0, 1), state);
    const [outputs, states] = runRecurrent(this.rnn, cat([embedded, context], 2), state.states);
    return { features: this.#combined(context, outputs), weights, state: { ...state, states } };
  }

  /** Input feeding, for one token. */
  #fed(embedded: Tensor, state: DecoderState): Features {
    const after = this.#behind(cat([embedded, state.fed!.unsqueeze(1)], 2), state);
    return { ...after, state: { ...after.state, fed: after.features.squeeze(1) } };
  }

  /** Attention behind the recurrent layer, or none, for any number of tokens. */
  #behind(inputs: Tensor, state: DecoderState): Features {
    const [outputs, states] = runRecurrent(this.rnn, inputs, state.states);
    const after = { ...state, states };
    if (!this.attention) return { features: outputs, weights: null, state: after };
    const { context, weights } = this.#attend(outputs, state);
    return { features: this.#combined(context, outputs), weights, state: after };
  }

  #attend(query: Tensor, { memory, mask, keys }: DecoderState): Attended {
    return this.attention!.forward(query, memory, mask, keys!);
  }

  #combined(context: Tensor, outputs: Tensor): Tensor {
    return this.combine!.forward(cat([context, outputs], 2)).tanh();
  }
}

function attentionOf(kind: 'bahdanau' | LuongScore | null, hiddenSize: number): SequenceAttention | null {
  if (kind === null) return null;
  if (!['bahdanau', 'dot', 'general', 'concat'].includes(kind)) {
    throw new GradwireError(
      'ERR_OPTION',
      `Seq2SeqDecoder: attention must be 'bahdanau', 'dot', 'general', 'concat' or null, got ${JSON.stringify(kind)}`,
    );
  }
  if (kind === 'bahdanau') return new BahdanauAttention(hiddenSize, hiddenSize, hiddenSize);
  return new LuongAttention(hiddenSize, hiddenSize, { score: kind });
}
