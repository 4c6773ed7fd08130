import { withGeneratorAt } from '../random/default-generator.ts';
import type { GeneratorState } from '../random/generator.ts';

let recomputing = false;

/**
 * Whether a function given to `checkpoint` runs once more, in backward. What must happen once a forward pass, such as
 * moving running moments, is then left out.
 */
export function isRecomputing(): boolean {
  return recomputing;
}

/** Runs `fn` once more, with the same random numbers. */
export function recompute<T>(from: GeneratorState, fn: () => T): T {
  const before = recomputing;
  recomputing = true;
  try {
    return withGeneratorAt(from, fn);
  } finally {
    recomputing = before;
  }
}
