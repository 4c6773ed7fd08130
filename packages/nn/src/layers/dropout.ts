import {
  defaultGenerator,
  dropout,
  GradwireError,
  ShapeError,
  type DropoutOptions,
  type GeneratorState,
  type Tensor,
} from '@gradwire/tensor';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';

export interface DropoutLayerOptions {
  /**
   * One mask for the whole run and all samples, instead of a new one each time. It follows from the seed and from the
   * layer's place in the order in which the model is made: the same in every thread and process, and after a resume.
   */
  readonly fixed?: boolean;
}

/**
 * Dropout (Srivastava et al. 2014): in training each element is zero with probability p, else x/(1 − p); in evaluation
 * x itself. Chance comes from the default generator (manualSeed; in a run, from seed, step and shard).
 */
export class Dropout extends Module {
  static {
    keepsNothing(this);
  }

  readonly p: number;
  readonly #from: GeneratorState | undefined;

  constructor(p = 0.5, options: DropoutLayerOptions = {}) {
    super();
    const { fixed } = this.withDefaults(options, { fixed: false });
    if (!(p >= 0 && p <= 1))
      throw new GradwireError('ERR_OPTION', `${this.constructor.name}: p must be from 0 to 1, got ${p}`);
    this.p = p;
    // A stream of its own, named by the next numbers of the generator that initial weights come from too.
    const generator = defaultGenerator();
    this.#from = fixed
      ? { seed: generator.seed, stream: generator.uint32() * 2 ** 20 + (generator.uint32() >>> 12), position: 0 }
      : undefined;
  }

  /** How many dimensions from the batch on are dropped as a unit; all of x's unless a kind of dropout says otherwise. */
  protected unitRank(x: Tensor): number {
    return x.rank;
  }

  forward(x: Tensor): Tensor {
    if (!this.training || this.p === 0) return x;
    const rank = this.unitRank(x);
    if (!this.#from) return this.dropped(x, { unitDims: range(0, rank) });
    if (rank < 2)
      throw new ShapeError(`${this.constructor.name}: a fixed mask needs x [N, ...], got [${x.shape.join(', ')}]`);
    return this.dropped(x, { unitDims: range(1, rank), from: this.#from });
  }

  /** x after dropping. */
  protected dropped(x: Tensor, options: DropoutOptions): Tensor {
    return dropout(x, this.p, options);
  }
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** Drops whole channels (Tompson et al. 2015) of x with the given number of dimensions behind [N, C]. */
abstract class ChannelDropout extends Dropout {
  protected abstract readonly positions: number;

  protected override unitRank(x: Tensor): number {
    if (x.rank === this.positions + 2) return 2;
    throw new ShapeError(
      `${this.constructor.name}: x [${x.shape.join(', ')}] must have ${this.positions + 2} dimensions, [N, C, ...]`,
    );
  }
}

/** Drops whole channels of x: [N, C, L]. */
export class Dropout1d extends ChannelDropout {
  protected readonly positions = 1;
}

/** Drops whole channels of x: [N, C, H, W]. */
export class Dropout2d extends ChannelDropout {
  protected readonly positions = 2;
}

/** Drops whole channels of x: [N, C, D, H, W]. */
export class Dropout3d extends ChannelDropout {
  protected readonly positions = 3;
}

/**
 * Stochastic depth (Huang et al. 2016): in training the whole of a sample is zero with probability p, else x/(1 − p);
 * put it at the end of a residual branch. x: [N, ...] → the same.
 */
export class DropPath extends Dropout {
  constructor(p = 0.5) {
    super(p);
  }

  protected override unitRank(): number {
    return 1;
  }
}
