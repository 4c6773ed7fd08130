import { difference } from './compare.mjs';
import { NotYetSupported } from './exports.mjs';
import { readCase } from './read-case.mjs';
import { runFunction, runOperation } from './run-function.mjs';
import { runModule } from './run-module.mjs';
import { runOptimizer, runScheduler } from './run-optimizer.mjs';
import { runTraining } from './run-training.mjs';

const RUNNERS = {
  function: runFunction,
  tensor: runOperation,
  module: runModule,
  optimizer: runOptimizer,
  scheduler: runScheduler,
  training: runTraining,
};

/**
 * Runs the case in `file`.
 * @param {string} file
 * @returns {{ missing: string } | { differences: string[] }} the name of what does not exist yet, or what differs
 */
export function runCase(file) {
  const { spec, tensors } = readCase(file);
  try {
    const checks = RUNNERS[spec.kind](spec, tensors);
    if (checks.length === 0) throw new Error(`${file}: the case states nothing to check`);
    return { differences: checks.map((check) => difference(check, spec)).filter((line) => line !== undefined) };
  } catch (error) {
    if (error instanceof NotYetSupported) return { missing: error.message };
    throw error;
  }
}
