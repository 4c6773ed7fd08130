/**
 * Padding layers. Padding is one number for all sides, or [left, right] of the last dimension, then of the one before it,
 * and so on; negative amounts cut off.
 */
import { ShapeError, type PaddingMode, type Tensor } from '@gradwire/tensor';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';

/** One number for all sides, or two for each dimension, the last dimension first. */
export type Padding = number | readonly number[];

abstract class PaddingLayer extends Module {
  static {
    keepsNothing(this);
  }

  readonly #sides: readonly number[];
  readonly #mode: PaddingMode;
  readonly #value: number;

  constructor(dims: number, padding: Padding, mode: PaddingMode, value = 0) {
    super();
    this.#sides = typeof padding === 'number' ? new Array<number>(2 * dims).fill(padding) : [...padding];
    if (this.#sides.length !== 2 * dims || !this.#sides.every((n) => Number.isInteger(n))) {
      throw new ShapeError(
        `${this.constructor.name}: padding must be a whole number, or ${2 * dims} of them, got ${JSON.stringify(padding)}`,
      );
    }
    this.#mode = mode;
    this.#value = value;
  }

  forward(x: Tensor): Tensor {
    return x.pad(this.#sides, { mode: this.#mode, value: this.#value });
  }
}

/** Zeros around the last dimension. */
export class ZeroPad1d extends PaddingLayer {
  constructor(padding: Padding) {
    super(1, padding, 'constant');
  }
}

/** Zeros around the last two dimensions. */
export class ZeroPad2d extends PaddingLayer {
  constructor(padding: Padding) {
    super(2, padding, 'constant');
  }
}

/** Zeros around the last three dimensions. */
export class ZeroPad3d extends PaddingLayer {
  constructor(padding: Padding) {
    super(3, padding, 'constant');
  }
}

/** `value` around the last dimension. */
export class ConstantPad1d extends PaddingLayer {
  constructor(padding: Padding, value: number) {
    super(1, padding, 'constant', value);
  }
}

/** `value` around the last two dimensions. */
export class ConstantPad2d extends PaddingLayer {
  constructor(padding: Padding, value: number) {
    super(2, padding, 'constant', value);
  }
}

/** `value` around the last three dimensions. */
export class ConstantPad3d extends PaddingLayer {
  constructor(padding: Padding, value: number) {
    super(3, padding, 'constant', value);
  }
}

/** Elements mirrored at the border around the last dimension. */
export class ReflectionPad1d extends PaddingLayer {
  constructor(padding: Padding) {
    super(1, padding, 'reflect');
  }
}

/** Elements mirrored at the border around the last two dimensions. */
export class ReflectionPad2d extends PaddingLayer {
  constructor(padding: Padding) {
    super(2, padding, 'reflect');
  }
}

/** Elements mirrored at the border around the last three dimensions. */
export class ReflectionPad3d extends PaddingLayer {
  constructor(padding: Padding) {
    super(3, padding, 'reflect');
  }
}

/** The border elements repeated around the last dimension. */
export class ReplicationPad1d extends PaddingLayer {
  constructor(padding: Padding) {
    super(1, padding, 'replicate');
  }
}

/** The border elements repeated around the last two dimensions. */
export class ReplicationPad2d extends PaddingLayer {
  constructor(padding: Padding) {
    super(2, padding, 'replicate');
  }
}

/** The border elements repeated around the last three dimensions. */
export class ReplicationPad3d extends PaddingLayer {
  constructor(padding: Padding) {
    super(3, padding, 'replicate');
  }
}

/** Elements from the other end around the last dimension. */
export class CircularPad1d extends PaddingLayer {
  constructor(padding: Padding) {
    super(1, padding, 'circular');
  }
}

/** Elements from the other end around the last two dimensions. */
export class CircularPad2d extends PaddingLayer {
  constructor(padding: Padding) {
    super(2, padding, 'circular');
  }
}

/** Elements from the other end around the last three dimensions. */
export class CircularPad3d extends PaddingLayer {
  constructor(padding: Padding) {
    super(3, padding, 'circular');
  }
}
