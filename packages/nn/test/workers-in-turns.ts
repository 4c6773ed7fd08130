import type { SumOverWorkers } from '../src/layers/sync-batch-norm.ts';

class NotYet extends Error {}

/**
 * Runs workers that sum numbers over all of them in the midst of their work, on one thread: again and again from their
 * beginning, each round as far as the next sum that is not known yet. A worker must do the same in every round.
 */
export function workersInTurns<T>(workers: readonly ((sumOverWorkers: SumOverWorkers) => T)[]): T[] {
  const known: Float64Array[] = [];
  for (;;) {
    const asked: Float64Array[] = [];
    const results = workers.map((work) => {
      let next = 0;
      try {
        return work((numbers) => {
          const sum = known[next++];
          if (sum) return numbers.set(sum);
          asked.push(numbers.slice());
          throw new NotYet();
        });
      } catch (error) {
        if (error instanceof NotYet) return undefined;
        throw error;
      }
    });
    if (asked.length === 0) return results as T[];
    if (asked.length < workers.length) throw new Error('the workers do not make the same sums');
    known.push(asked.reduce((sum, numbers) => sum.map((value, i) => value + numbers[i]!)));
  }
}
