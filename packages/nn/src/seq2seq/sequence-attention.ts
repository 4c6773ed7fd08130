import { type Tensor } from '@gradwire/tensor';
import { Linear } from '../layers/linear.ts';
import { Module } from '../module.ts';

/** What a decoder has attended to: context: [N, memorySize], and how much to each place: weights: [N, S], rows sum to 1. */
export interface Attended {
  readonly context: Tensor;
  readonly weights: Tensor;
}

/** softmax(scores) over the places that `mask` leaves open, and the mean of the memory by it. mask: [N, S], true to ignore. */
function attend(scores: Tensor, memory: Tensor, mask: Tensor | null): Attended {
  const weights = (mask ? scores.maskedFill(mask, -Infinity) : scores).softmax(-1);
  return { context: weights.unsqueeze(1).matmul(memory).squeeze(1), weights };
}

/**
 * Additive attention, score = v·tanh(W_q·query + W_m·memory) (Bahdanau et al. 2015).
 * query: [N, querySize], memory: [N, S, memorySize], mask: [N, S], true for places to ignore.
 */
export class BahdanauAttention extends Module {
  readonly query: Linear;
  readonly memory: Linear;
  readonly score: Linear;

  constructor(querySize: number, memorySize: number, size: number) {
    super();
    this.query = new Linear(querySize, size, { bias: false });
    this.memory = new Linear(memorySize, size, { bias: false });
    this.score = new Linear(size, 1, { bias: false });
  }

  forward(query: Tensor, memory: Tensor, mask: Tensor | null = null): Attended {
    const features = this.query.forward(query).unsqueeze(1).add(this.memory.forward(memory)).tanh();
    return attend(this.score.forward(features).squeeze(2), memory, mask);
  }

  override flops(_: unknown, __: Tensor, memory: Tensor): number {
    return 2 * memory.size; // the mean of the memory
  }
}

/**
 * Multiplicative attention (Luong et al. 2015), score = query·memory ('dot', equal sizes), query·W·memory ('general'), or
 * v·tanh(W·[query, memory]) ('concat', of `size` features). query: [N, querySize], memory: [N, S, memorySize],
 * mask: [N, S], true for places to ignore.
 */
export class LuongAttention extends Module {
  readonly #kind: 'dot' | 'general' | 'concat';
  readonly general: Linear | null;
  readonly concat: BahdanauAttention | null;

  constructor(
    querySize: number,
    memorySize: number,
    options: { score?: 'dot' | 'general' | 'concat'; size?: number } = {},
  ) {
    super();
    const { score, size } = this.withDefaults(options, { score: 'general', size: querySize });
    this.#kind = score;
    this.general = score === 'general' ? new Linear(memorySize, querySize, { bias: false }) : null;
    // W·[query, memory] is the sum of two products: additive attention.
    this.concat = score === 'concat' ? new BahdanauAttention(querySize, memorySize, size) : null;
  }

  forward(query: Tensor, memory: Tensor, mask: Tensor | null = null): Attended {
    if (this.#kind === 'concat') return this.concat!.forward(query, memory, mask);
    const keys = this.general ? this.general.forward(memory) : memory;
    return attend(keys.matmul(query.unsqueeze(2)).squeeze(2), memory, mask);
  }

  override flops(_: unknown, query: Tensor, memory: Tensor): number {
    if (this.concat) return 0; // counted there
    const [, places] = memory.shape;
    return 2 * query.size * places + 2 * memory.size; // scores, and the mean of the memory
  }
}
