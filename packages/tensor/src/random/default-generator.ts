import { fromTypedArray } from '../create.ts';
import type { Shape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { Generator } from './generator.ts';

let generator = new Generator(0);

/** Starts this thread's default generator anew; initialisers and rand/randn/randint draw from it. */
export function manualSeed(seed: number, stream = 0): Generator {
  generator = new Generator(seed, stream);
  return generator;
}

/** This thread's default generator: seed 0 until manualSeed. */
export function defaultGenerator(): Generator {
  return generator;
}

/** Uniform in [0, 1). */
export function rand(shape: Shape, source = generator): Tensor {
  return source.rand(shape);
}

/** Normal with mean 0 and variance 1. */
export function randn(shape: Shape, source = generator): Tensor {
  return source.randn(shape);
}

/** Whole numbers (int32) in [low, high). */
export function randint(low: number, high: number, shape: Shape, source = generator): Tensor {
  return source.randint(low, high, shape);
}

/** The numbers 0 … n − 1 in random order, int32. */
export function randperm(n: number, source = generator): Tensor {
  return fromTypedArray(source.randperm(n), [n]);
}
