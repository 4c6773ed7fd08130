import type { Module } from './module.ts';

/** Runs `fn` with the model in evaluation, and leaves each module in the mode that it had. */
export function inEvaluation<T>(model: Module, fn: () => T): T {
  const training = model.modules().filter((module) => module.training);
  try {
    model.eval();
    return fn();
  } finally {
    for (const module of training) module.training = true;
  }
}
