/** Activation functions that are made of straight pieces between bounds. */
import { hardsigmoid, hardswish, hardtanh, relu6, type Tensor } from '@gradwire/tensor';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';

/** x limited to [minVal, maxVal]. */
export class Hardtanh extends Module {
  static {
    keepsNothing(this);
  }

  readonly minVal: number;
  readonly maxVal: number;

  constructor(options: { minVal?: number; maxVal?: number } = {}) {
    super();
    const { minVal, maxVal } = this.withDefaults(options, { minVal: -1, maxVal: 1 });
    this.minVal = minVal;
    this.maxVal = maxVal;
  }

  forward(x: Tensor): Tensor {
    return hardtanh(x, this.minVal, this.maxVal);
  }
}

/** x limited to [0, 6]. */
export class ReLU6 extends Module {
  static {
    keepsNothing(this);
  }

  forward(x: Tensor): Tensor {
    return relu6(x);
  }
}

/** x/6 + 1/2, limited to [0, 1]. */
export class Hardsigmoid extends Module {
  static {
    keepsNothing(this);
  }

  forward(x: Tensor): Tensor {
    return hardsigmoid(x);
  }
}

/** x·hardsigmoid(x). */
export class Hardswish extends Module {
  static {
    keepsNothing(this);
  }

  forward(x: Tensor): Tensor {
    return hardswish(x);
  }
}
