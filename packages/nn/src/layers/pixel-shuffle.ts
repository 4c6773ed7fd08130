import { pixelShuffle, pixelUnshuffle, type Tensor } from '@gradwire/tensor';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';

/** Channels laid out as finer pixels: [..., C·r², H, W] → [..., C, H·r, W·r] for r = upscaleFactor. */
export class PixelShuffle extends Module {
  static {
    keepsNothing(this);
  }

  readonly #factor: number;

  constructor(upscaleFactor: number) {
    super();
    this.#factor = upscaleFactor;
  }

  forward(x: Tensor): Tensor {
    return pixelShuffle(x, this.#factor);
  }
}

/** The inverse of PixelShuffle: [..., C, H·r, W·r] → [..., C·r², H, W] for r = downscaleFactor. */
export class PixelUnshuffle extends Module {
  static {
    keepsNothing(this);
  }

  readonly #factor: number;

  constructor(downscaleFactor: number) {
    super();
    this.#factor = downscaleFactor;
  }

  forward(x: Tensor): Tensor {
    return pixelUnshuffle(x, this.#factor);
  }
}
