import { fromTypedArray } from '../create.ts';
import type { Shape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { Generator, type GeneratorState } from './generator.ts';

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

/** Runs `fn` with a default generator that begins at `state`; afterwards the one before goes on where it was. */
export function withGeneratorAt<T>(state: GeneratorState, fn: () => T): T {
  const before = generator;
  generator = Generator.fromState(state);
  try {
    return fn();
  } finally {
    generator = before;
  }
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
