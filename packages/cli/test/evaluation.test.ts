import type { Tensor } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import type { TrainingDefinition } from '../src/define-training.ts';
import { metricsFrom, noSums } from '../src/training/evaluation.ts';
import { gradwire, isBuilt } from './gradwire-command.ts';
import { eventsIn, folderWithSmallTraining } from './small-training.ts';

const METRICS = `{
  share: (output, y) => output.eq(y).sum().item() / y.size,
  labels: (output, y, batch) => batch.y.sum().item() / y.size,
  right: { size: 2, sums: (output, y) => [output.eq(y).sum().item(), y.size], value: ([right, all]) => right / all },
  spread: { size: 1, sums: (output, y) => [y.mul(y).sum().item()], value: ([squares]) => Math.sqrt(squares) },
}`;

const measured = {
  data: '() => synthDigits({ trainLength: 64, testLength: 300 })',
  epochs: '1',
  predict: '(model, batch) => model.forward(batch.x).argmax(1)',
  metrics: METRICS,
};

describe('the figures of an evaluation', () => {
  const definition = {
    metrics: {
      mean: () => 0,
      ratio: { size: 2, sums: () => [0, 0], value: ([a, b]: readonly number[]) => a! / b! },
      last: () => 0,
    },
  } as unknown as TrainingDefinition;

  it('take each metric’s own part of the sums, and divide only those of functions by the examples', () => {
    expect(noSums(definition)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(metricsFrom([4, 2, 8, 6, 3, 1], definition)).toEqual({
      testLoss: 0.5,
      testMean: 2,
      testRatio: 2,
      testLast: 0.25,
    });
  });

  it('are refused if value gives no number', () => {
    const broken = { metrics: { f: { size: 1, sums: (): number[] => [0], value: (): Tensor | null => null } } };
    expect(() => metricsFrom([1, 0, 0], broken as unknown as TrainingDefinition)).toThrow(
      'defineTraining: metrics.f.value must return a number or a tensor with one element, got null',
    );
  });
});

// Each test trains in fresh processes.
describe.skipIf(!isBuilt)('metrics of gradwire train (need npm run build)', { timeout: 120_000 }, () => {
  async function metricsOf(...flags: string[]): Promise<Record<string, number>> {
    const folder = folderWithSmallTraining(64, measured);
    const { stdout, stderr } = await gradwire(folder, 'train', 'train.ts', '--json', '--shards', '2', ...flags);
    expect(stderr).toBe('');
    const done = eventsIn(stdout).at(-1)!;
    return 'metrics' in done ? { ...done.metrics } : {};
  }

  it('are the same wherever the test set is measured, as means and as sums', async () => {
    const alone = await metricsOf('--threads', '1');
    expect(alone.testRight).toBeGreaterThan(0);
    expect(alone.testShare).toBeCloseTo(alone.testRight!, 12);
    expect(alone.testLabels).toBeCloseTo(4.5, 0);
    const layouts = [
      ['--threads', '2'],
      ['--nproc', '2', '--threads', '1'],
      ['--nproc', '2', '--threads', '1', '--strategy', 'parameter-server'],
    ];
    for (const layout of layouts) {
      const { testRight, testSpread, testShare } = await metricsOf(...layout);
      expect([testRight, testSpread]).toEqual([alone.testRight, alone.testSpread]);
      expect(testShare).toBeCloseTo(alone.testShare!, 12);
    }
  });

  it.each([
    ['{ f: () => "much" }', 'metrics.f must return a number or a tensor with one element, got "much"'],
    [
      '{ f: (output) => output }',
      'metrics.f must return a number or a tensor with one element, got a tensor of shape [20]',
    ],
    [
      '{ f: { size: 3, sums: () => [1, 2], value: () => 0 } }',
      'metrics.f.sums must return an array of 3 numbers, its size, got one of 2 values',
    ],
  ])('say in one sentence what is wrong with %s', async (metrics, sentence) => {
    const predict = '(model, { x }) => model.forward(x).argmax(1)';
    const folder = folderWithSmallTraining(32, { metrics, predict, epochs: '1' });
    const { code, stderr } = await gradwire(folder, 'train', 'train.ts', '--threads', '1', '--quiet');
    expect([code, stderr]).toEqual([expect.any(Number), `gradwire: defineTraining: ${sentence}\n`]);
    expect(code).not.toBe(0);
  });
});
