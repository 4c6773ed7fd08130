import { dropout, onesLike, ShapeError, type DropoutOptions, type Tensor } from '@gradwire/tensor';
import { Dropout } from './dropout.ts';

/** What selu falls to: its scale·alpha. */
const LEAST = 1.7580993408473766;

/**
 * Dropout that keeps mean 0 and variance 1 behind selu (Klambauer et al. 2017): in training each element is the least value
 * of selu with probability p, and all are scaled and shifted; in evaluation x itself. For p = 1: zeros.
 */
export class AlphaDropout extends Dropout {
  protected override dropped(x: Tensor, options: DropoutOptions): Tensor {
    const { p } = this;
    if (p === 1) return x.mul(0);
    const kept = dropout(onesLike(x), p, options).ne(0).to(x.dtype);
    const scale = 1 / Math.sqrt((LEAST ** 2 * p + 1) * (1 - p));
    return x.mul(kept.mul(scale)).add(kept.sub(1 - p).mul(LEAST * scale));
  }
}

/** The same for whole channels. x: [N, C, ...] → the same. */
export class FeatureAlphaDropout extends AlphaDropout {
  protected override unitRank(x: Tensor): number {
    if (x.rank >= 2) return 2;
    throw new ShapeError(`FeatureAlphaDropout: x [${x.shape.join(', ')}] must be [N, C, ...]`);
  }
}
