import { Tensor } from '@gradwire/tensor';

/** A tensor that a module learns: a long-lived leaf that requires a gradient. Takes over the memory of `data`. */
export class Parameter extends Tensor {
  constructor(data: Tensor) {
    super(data.address, data.shape, data.strides, data.dtype, data.size, data.scope);
    this.requiresGrad_();
  }
}
