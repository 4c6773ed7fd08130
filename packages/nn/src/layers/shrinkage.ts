/** Activation functions that set a range to 0 or to another number, or shrink towards it; each keeps the shape. */
import { defaultGenerator, elu, leakyRelu, tanh, where, type Tensor } from '@gradwire/tensor';
import { Module } from '../module.ts';

/** x, and 0 where |x| ≤ lambd. */
export function hardshrink(x: Tensor, { lambd = 0.5 }: { lambd?: number } = {}): Tensor {
  return where(x.detach().abs().gt(lambd), x, 0);
}

/** x − lambd above lambd, x + lambd below −lambd, 0 between. */
export function softshrink(x: Tensor, { lambd = 0.5 }: { lambd?: number } = {}): Tensor {
  return x.sub(lambd).relu().sub(x.neg().sub(lambd).relu());
}

/** x − tanh x. */
export function tanhshrink(x: Tensor): Tensor {
  return x.sub(tanh(x));
}

/** x above the threshold, `value` elsewhere. */
export function threshold(x: Tensor, threshold: number, value: number): Tensor {
  return where(x.detach().gt(threshold), x, value);
}

/** max(x, 0) + min(alpha·(e^(x/alpha) − 1), 0) (Barron 2017). */
export function celu(x: Tensor, { alpha = 1 }: { alpha?: number } = {}): Tensor {
  return where(x.detach().gt(0), x, elu(x.div(alpha)).mul(alpha));
}

export interface RReluOptions {
  /** The slope below 0 is between these two: 1/8 and 1/3 unless given. */
  readonly lower?: number;
  readonly upper?: number;
  /** Whether slopes are drawn from the default generator, one for each element, instead of their mean. */
  readonly training?: boolean;
}

/** x above 0, slope·x below, with slopes drawn in training (Xu et al. 2015). */
export function rrelu(x: Tensor, { lower = 1 / 8, upper = 1 / 3, training = false }: RReluOptions = {}): Tensor {
  if (!training) return leakyRelu(x, (lower + upper) / 2);
  const slopes = defaultGenerator().rand(x.shape).to(x.dtype).mul(upper - lower).add(lower); // prettier-ignore
  return where(x.detach().gt(0), x, x.mul(slopes));
}

/** `hardshrink` as a layer. */
export class Hardshrink extends Module {
  readonly lambd: number;

  constructor(options: { lambd?: number } = {}) {
    super();
    this.lambd = this.withDefaults(options, { lambd: 0.5 }).lambd;
  }

  forward(x: Tensor): Tensor {
    return hardshrink(x, this);
  }
}

/** `softshrink` as a layer. */
export class Softshrink extends Module {
  readonly lambd: number;

  constructor(options: { lambd?: number } = {}) {
    super();
    this.lambd = this.withDefaults(options, { lambd: 0.5 }).lambd;
  }

  forward(x: Tensor): Tensor {
    return softshrink(x, this);
  }
}

/** `tanhshrink` as a layer. */
export class Tanhshrink extends Module {
  forward(x: Tensor): Tensor {
    return tanhshrink(x);
  }
}

/** `threshold` as a layer. */
export class Threshold extends Module {
  readonly threshold: number;
  readonly value: number;

  constructor(threshold: number, value: number) {
    super();
    this.threshold = threshold;
    this.value = value;
  }

  forward(x: Tensor): Tensor {
    return threshold(x, this.threshold, this.value);
  }
}

/** `celu` as a layer. */
export class CELU extends Module {
  readonly alpha: number;

  constructor(options: { alpha?: number } = {}) {
    super();
    this.alpha = this.withDefaults(options, { alpha: 1 }).alpha;
  }

  forward(x: Tensor): Tensor {
    return celu(x, this);
  }
}

/** `rrelu` as a layer: slopes are drawn in training, and their mean in evaluation. */
export class RReLU extends Module {
  readonly lower: number;
  readonly upper: number;

  constructor(options: { lower?: number; upper?: number } = {}) {
    super();
    const { lower, upper } = this.withDefaults(options, { lower: 1 / 8, upper: 1 / 3 });
    this.lower = lower;
    this.upper = upper;
  }

  forward(x: Tensor): Tensor {
    return rrelu(x, this);
  }
}
