/** Activation functions as layers; each maps any shape to the same shape. */
import {
  elu,
  gelu,
  glu,
  leakyRelu,
  logSigmoid,
  logSoftmax,
  mish,
  relu,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  softsign,
  tanh,
  type Tensor,
} from '@gradwire/tensor';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';

export interface ReLUOptions {
  /** Whether the result is written over x, which saves its memory; false. */
  readonly inplace?: boolean;
}

/** max(x, 0). */
export class ReLU extends Module {
  static {
    keepsNothing(this);
  }

  readonly inplace: boolean;

  constructor(options: ReLUOptions = {}) {
    super();
    this.inplace = this.withDefaults(options, { inplace: false }).inplace;
  }

  forward(x: Tensor): Tensor {
    return this.inplace ? x.relu_() : relu(x);
  }
}

/** x above 0, negativeSlope·x below. */
export class LeakyReLU extends Module {
  static {
    keepsNothing(this);
  }

  readonly negativeSlope: number;

  constructor(options: { negativeSlope?: number } = {}) {
    super();
    const { negativeSlope } = this.withDefaults(options, { negativeSlope: 0.01 });
    this.negativeSlope = negativeSlope;
  }

  forward(x: Tensor): Tensor {
    return leakyRelu(x, this.negativeSlope);
  }
}

/** tanh x. */
export class Tanh extends Module {
  static {
    keepsNothing(this);
  }

  forward(x: Tensor): Tensor {
    return tanh(x);
  }
}

/** 1/(1 + e⁻ˣ). */
export class Sigmoid extends Module {
  static {
    keepsNothing(this);
  }

  forward(x: Tensor): Tensor {
    return sigmoid(x);
  }
}

/** x·Φ(x), or its tanh form. */
export class GELU extends Module {
  static {
    keepsNothing(this);
  }

  readonly approximate: 'none' | 'tanh';

  constructor(options: { approximate?: 'none' | 'tanh' } = {}) {
    super();
    const { approximate } = this.withDefaults(options, { approximate: 'none' });
    this.approximate = approximate;
  }

  forward(x: Tensor): Tensor {
    return gelu(x, this.approximate);
  }
}

/** x·σ(x). */
export class SiLU extends Module {
  static {
    keepsNothing(this);
  }

  forward(x: Tensor): Tensor {
    return silu(x);
  }
}

/** ln(1 + e^(beta·x))/beta; x itself above the threshold. */
export class Softplus extends Module {
  static {
    keepsNothing(this);
  }

  readonly beta: number;
  readonly threshold: number;

  constructor(options: { beta?: number; threshold?: number } = {}) {
    super();
    const { beta, threshold } = this.withDefaults(options, { beta: 1, threshold: 20 });
    this.beta = beta;
    this.threshold = threshold;
  }

  forward(x: Tensor): Tensor {
    return softplus(x, this.beta, this.threshold);
  }
}

/** x above 0, alpha·(eˣ − 1) below. */
export class ELU extends Module {
  static {
    keepsNothing(this);
  }

  readonly alpha: number;

  constructor(options: { alpha?: number } = {}) {
    super();
    const { alpha } = this.withDefaults(options, { alpha: 1 });
    this.alpha = alpha;
  }

  forward(x: Tensor): Tensor {
    return elu(x, this.alpha);
  }
}

/** eˣ/Σeˣ along dim. */
export class Softmax extends Module {
  static {
    keepsNothing(this);
  }

  readonly dim: number;

  constructor(options: { dim?: number } = {}) {
    super();
    const { dim } = this.withDefaults(options, { dim: -1 });
    this.dim = dim;
  }

  forward(x: Tensor): Tensor {
    return softmax(x, this.dim);
  }
}

/** x − ln Σeˣ along dim. */
export class LogSoftmax extends Module {
  static {
    keepsNothing(this);
  }

  readonly dim: number;

  constructor(options: { dim?: number } = {}) {
    super();
    const { dim } = this.withDefaults(options, { dim: -1 });
    this.dim = dim;
  }

  forward(x: Tensor): Tensor {
    return logSoftmax(x, this.dim);
  }
}

/** softmax of −x along dim. */
export class Softmin extends Module {
  readonly dim: number;

  constructor(options: { dim?: number } = {}) {
    super();
    this.dim = this.withDefaults(options, { dim: -1 }).dim;
  }

  forward(x: Tensor): Tensor {
    return softmax(x.neg(), this.dim);
  }
}

/** softmax over the channels at each place. x: [N, C, H, W] or [C, H, W] → the same. */
export class Softmax2d extends Module {
  forward(x: Tensor): Tensor {
    return softmax(x, -3);
  }
}

/** x/(1 + |x|). */
export class Softsign extends Module {
  static {
    keepsNothing(this);
  }

  forward(x: Tensor): Tensor {
    return softsign(x);
  }
}

/** x·tanh(ln(1 + eˣ)). */
export class Mish extends Module {
  static {
    keepsNothing(this);
  }

  forward(x: Tensor): Tensor {
    return mish(x);
  }
}

/** ln σ(x). */
export class LogSigmoid extends Module {
  static {
    keepsNothing(this);
  }

  forward(x: Tensor): Tensor {
    return logSigmoid(x);
  }
}

/** elu, scaled so that mean 0 and variance 1 stay. */
export class SELU extends Module {
  static {
    keepsNothing(this);
  }

  forward(x: Tensor): Tensor {
    return selu(x);
  }
}

/** The first half of x along dim, times σ of the second: dim gets half as long. */
export class GLU extends Module {
  static {
    keepsNothing(this);
  }

  readonly dim: number;

  constructor(options: { dim?: number } = {}) {
    super();
    this.dim = this.withDefaults(options, { dim: -1 }).dim;
  }

  forward(x: Tensor): Tensor {
    return glu(x, this.dim);
  }
}
