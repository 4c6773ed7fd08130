import { heapOf, shiftOf } from '../dtype.ts';
import { GradwireError } from '../errors.ts';
import { checkShape, type Shape } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { philox4x32 } from './philox.ts';

/** Where a generator stands: enough to go on with the same numbers later or elsewhere. */
export interface GeneratorState {
  readonly seed: number;
  readonly stream: number;
  readonly position: number;
}

/**
 * A stream of random numbers, set wholly by (seed, stream, position): equal ones give equal numbers on any machine.
 * seed, stream, and position (how many 32-bit numbers were drawn): whole numbers from 0 below 2⁵³.
 */
export class Generator {
  readonly seed: number;
  readonly stream: number;
  #block: number; // which four numbers are at hand
  #next: number; // how many of them were drawn
  readonly #four = new Uint32Array(4);

  constructor(seed: number, stream = 0, position = 0) {
    for (const value of [seed, stream, position]) {
      if (!Number.isSafeInteger(value) || value < 0) {
        throw new GradwireError(
          'ERR_RANDOM',
          `Generator: seed, stream and position are whole numbers from 0 below 2^53, got ${value}`,
        );
      }
    }
    this.seed = seed;
    this.stream = stream;
    this.#block = Math.floor(position / 4);
    this.#next = position % 4;
    this.#fill();
  }

  get state(): GeneratorState {
    return { seed: this.seed, stream: this.stream, position: 4 * this.#block + this.#next };
  }

  static fromState({ seed, stream, position }: GeneratorState): Generator {
    return new Generator(seed, stream, position);
  }

  /** A whole number in [0, 2³²). */
  uint32(): number {
    if (this.#next === 4) this.#goTo(this.#block + 1);
    return this.#four[this.#next++];
  }

  /** A number in [0, 1), a multiple of 2⁻²⁴, so float32 holds it exactly. */
  uniform(): number {
    return (this.uint32() >>> 8) * 2 ** -24;
  }

  /** A number of the normal distribution with mean 0 and variance 1 (Box & Muller 1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log((this.uint32() + 1) * 2 ** -32));
    return radius * Math.cos(2 * Math.PI * this.uint32() * 2 ** -32);
  }

  /** A whole number in [0, bound); bound ≤ 2³². The bias is below bound/2³². */
  below(bound: number): number {
    return Math.floor(this.uint32() * 2 ** -32 * bound);
  }

  /** Uniform in [0, 1). */
  rand(shape: Shape): Tensor {
    return this.#tensor(shape, 'float32', () => this.uniform());
  }

  /** Normal with mean 0 and variance 1. */
  randn(shape: Shape): Tensor {
    return this.#tensor(shape, 'float32', () => this.normal());
  }

  /** Whole numbers (int32) in [low, high). */
  randint(low: number, high: number, shape: Shape): Tensor {
    if (!(high > low)) throw new GradwireError('ERR_RANDOM', `randint: no whole number from ${low} below ${high}`);
    return this.#tensor(shape, 'int32', () => low + this.below(high - low));
  }

  /** The numbers 0 … n − 1 in random order, int32 (Fisher & Yates). */
  randperm(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }

  /**
   * Gives the next `count` numbers away: returns where they begin, on a whole four, so that a kernel can compute them
   * as often as it needs them (`philox4x32`); this generator goes on behind them.
   */
  reserve(count: number): GeneratorState {
    const block = this.#block + Math.sign(this.#next);
    this.#goTo(block + Math.ceil(count / 4));
    return { seed: this.seed, stream: this.stream, position: 4 * block };
  }

  #tensor(shape: Shape, dtype: 'float32' | 'int32', draw: () => number): Tensor {
    checkShape('random tensor', shape);
    const out = Tensor.empty(shape, dtype);
    const [heap, start] = [heapOf(dtype), out.address >>> shiftOf(dtype)];
    for (let i = 0; i < out.size; i++) heap[start + i] = draw();
    return out;
  }

  #goTo(block: number): void {
    this.#block = block;
    this.#next = 0;
    this.#fill();
  }

  #fill(): void {
    const low = (value: number): number => value >>> 0;
    const high = (value: number): number => Math.floor(value / 2 ** 32);
    philox4x32(
      low(this.#block),
      high(this.#block),
      low(this.stream),
      high(this.stream),
      low(this.seed),
      high(this.seed),
      this.#four,
    );
  }
}
