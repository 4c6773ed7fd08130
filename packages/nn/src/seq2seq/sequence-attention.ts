import { GradwireError, ShapeError, type Tensor } from '@gradwire/tensor';
import { Linear } from '../layers/linear.ts';
import { Module } from '../module.ts';

/**
 * What a decoder has attended to: context: [N, T, memorySize], and how much to each place: weights: [N, T, S], rows sum
 * to 1; both without T for a query without it.
 */
export interface Attended {
  readonly context: Tensor;
  readonly weights: Tensor;
}

/**
 * Attention of a decoder's queries to an encoder's outputs, the memory: weights = softmax(scores) over the places that the
 * mask leaves open, context = weights·memory. Kinds differ in their scores.
 */
export abstract class SequenceAttention extends Module {
  /** The part of the scores that no query changes, [N, S, ...]: computed once for all steps of a decoder. */
  abstract keys(memory: Tensor): Tensor;

  /** query: [N, T, querySize], keys: of all places → [N, T, S]. */
  abstract scores(query: Tensor, keys: Tensor): Tensor;

  /**
   * query: [N, querySize], or [N, T, querySize] for T queries at once; memory: [N, S, memorySize]; mask: [N, S], true for
   * places to ignore; keys: keys(memory), if they are known already. Throws ShapeError.
   */
  forward(query: Tensor, memory: Tensor, mask: Tensor | null = null, keys: Tensor = this.keys(memory)): Attended {
    if (query.rank === 2) {
      const { context, weights } = this.#attend(query.unsqueeze(1), memory, mask, keys);
      return { context: context.squeeze(1), weights: weights.squeeze(1) };
    }
    return this.#attend(query, memory, mask, keys);
  }

  #attend(query: Tensor, memory: Tensor, mask: Tensor | null, keys: Tensor): Attended {
    const [N, S] = memory.shape;
    if (query.rank !== 3 || memory.rank !== 3 || query.shape[0] !== N || (mask && mask.shape.join() !== `${N},${S}`)) {
      const [queries, places, ignored] = [query, memory, mask].map((x) => `[${x?.shape.join(', ') ?? ''}]`);
      throw new ShapeError(
        `${this.constructor.name}: expected query [N, T, querySize], memory [N, S, memorySize] and mask [N, S], ` +
          `got ${queries}, ${places} and ${mask ? ignored : 'no mask'}`,
      );
    }
    const scores = this.scores(query, keys);
    const weights = (mask ? scores.maskedFill(mask.unsqueeze(1), -Infinity) : scores).softmax(-1);
    return { context: weights.matmul(memory), weights };
  }

  /** The means of the memory. */
  override flops({ weights }: Attended, _: Tensor, memory: Tensor): number {
    return 2 * weights.size * memory.shape[2];
  }
}

/** Additive attention, score = v·tanh(W_q·query + W_m·memory), with `size` features (Bahdanau et al. 2015). */
export class BahdanauAttention extends SequenceAttention {
  readonly query: Linear;
  readonly memory: Linear;
  readonly score: Linear;

  constructor(querySize: number, memorySize: number, size: number) {
    super();
    this.query = new Linear(querySize, size, { bias: false });
    this.memory = new Linear(memorySize, size, { bias: false });
    this.score = new Linear(size, 1, { bias: false });
  }

  override keys(memory: Tensor): Tensor {
    return this.memory.forward(memory);
  }

  override scores(query: Tensor, keys: Tensor): Tensor {
    const features = this.query.forward(query).unsqueeze(2).add(keys.unsqueeze(1)).tanh();
    return this.score.forward(features).squeeze(3);
  }
}

export type LuongScore = 'dot' | 'general' | 'concat';

/**
 * Multiplicative attention (Luong et al. 2015), score = query·memory ('dot', equal sizes), query·W·memory ('general'), or
 * v·tanh(W·[query, memory]) ('concat', of `size` features).
 */
export class LuongAttention extends SequenceAttention {
  readonly general: Linear | null;
  readonly concat: BahdanauAttention | null;

  constructor(querySize: number, memorySize: number, options: { score?: LuongScore; size?: number } = {}) {
    super();
    const { score, size } = this.withDefaults(options, { score: 'general', size: querySize });
    if (!['dot', 'general', 'concat'].includes(score)) {
      throw new GradwireError(
        'ERR_OPTION',
        `LuongAttention: score must be 'dot', 'general' or 'concat', got ${JSON.stringify(score)}`,
      );
    }
    this.general = score === 'general' ? new Linear(memorySize, querySize, { bias: false }) : null;
    // W·[query, memory] is the sum of two products: additive attention.
    this.concat = score === 'concat' ? new BahdanauAttention(querySize, memorySize, size) : null;
  }

  override keys(memory: Tensor): Tensor {
    return this.concat?.keys(memory) ?? this.general?.forward(memory) ?? memory;
  }

  override scores(query: Tensor, keys: Tensor): Tensor {
    return this.concat ? this.concat.scores(query, keys) : query.matmul(keys.transpose(1, 2));
  }

  override flops(attended: Attended, query: Tensor, memory: Tensor): number {
    const products = this.concat ? 0 : 2 * attended.weights.size * query.shape.at(-1)!;
    return products + super.flops(attended, query, memory);
  }
}
