import type { Dataset, LabeledBatch } from '@gradwire/data';
import { Module } from '@gradwire/nn';
import type { Optimizer } from '@gradwire/nn';
import type { Tensor } from '@gradwire/tensor';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { defineTraining, isTrainingDefinition } from '../src/define-training.ts';

class Doubler extends Module {
  forward(x: Tensor): Tensor {
    return x.add(x);
  }
}

const never = (): never => {
  throw new Error('not called in these tests');
};
const options = { data: never, model: never, loss: never, optimizer: never, epochs: 3, batchSize: 128 };
const withOption = (changed: Record<string, unknown>) => () =>
  defineTraining({ ...options, ...changed } as typeof options);

describe('defineTraining', () => {
  it('keeps the options and takes seed 1 if none is given', () => {
    const definition = defineTraining({ ...options, metrics: { accuracy: never } });
    expect(definition).toMatchObject({ epochs: 3, batchSize: 128, seed: 1, model: never });
    expect(isTrainingDefinition(definition)).toBe(true);
    expect(isTrainingDefinition({ ...definition })).toBe(false);
  });

  it('infers the batch from the data and the network from the model', () => {
    defineTraining({
      data: ({ dir, seed }) => {
        expectTypeOf(dir).toEqualTypeOf<string | undefined>();
        expectTypeOf(seed).toEqualTypeOf<number>();
        return {} as { train: Dataset<LabeledBatch> };
      },
      augment: (batch) => {
        expectTypeOf(batch).toEqualTypeOf<LabeledBatch>();
        return { ...batch, x: batch.x.add(1) };
      },
      model: () => new Doubler(),
      loss: (model, batch) => {
        expectTypeOf(model).toEqualTypeOf<Doubler>();
        expectTypeOf(batch).toEqualTypeOf<LabeledBatch>();
        return model.forward(batch.x);
      },
      optimizer: () => ({}) as Optimizer,
      schedule: (optimizer, { totalSteps }) => {
        expectTypeOf(optimizer).toEqualTypeOf<Optimizer>();
        expectTypeOf(totalSteps).toEqualTypeOf<number>();
        return { step: () => undefined };
      },
      epochs: 1,
      batchSize: 1,
    });
  });

  it.each([
    [{ epochs: 'three' }, 'epochs must be a whole number from 1 to 1000000, got "three"'],
    [{ epochs: 0 }, 'epochs must be a whole number from 1 to 1000000, got 0'],
    [{ epochs: 2.5 }, 'epochs must be a whole number from 1 to 1000000, got 2.5'],
    [{ batchSize: NaN }, 'batchSize must be a whole number from 1 to 16777216, got NaN'],
    [{ seed: -1 }, 'seed must be a whole number from 0 to 4294967295, got -1'],
    [{ model: undefined }, 'model is missing; it must be a function that makes the network'],
    [{ model: [] }, 'model must be a function that makes the network, got an array'],
    [
      { loss: new Map() },
      'loss must be a function that takes the network and a batch and returns the loss, got an object of class Map',
    ],
    [
      { metrics: { accuracy: 1 } },
      'metrics.accuracy must be a function that takes output and target and returns a number, or an object { size, sums, value }, got 1',
    ],
    [
      { metrics: { f1: { size: 0, sums: never, value: never } } },
      'metrics.f1 must be a function that takes output and target and returns a number, or an object { size, sums, value }, got an object',
    ],
    [{ metrics: never }, 'metrics must be an object of metrics by name, got a function'],
    [
      { predict: 'x' },
      'predict must be a function that takes the network and a batch and returns the output that metrics see, got "x"',
    ],
    [{ maxNorm: 0 }, 'maxNorm must be a number above 0, got 0'],
    [{ ema: { decay: 1 } }, 'ema.decay must be a number from 0 to below 1, got 1'],
    [{ ema: 0.9 }, 'ema must be an object { decay }, got 0.9'],
    [{ augment: 1 }, 'augment must be a function that takes a batch and returns a changed one, got 1'],
    [{ scheduleMetric: 'testLoss' }, 'scheduleMetric needs a schedule that is told it'],
    [
      { schedule: never, scheduleMetric: 'testAccuracy', metrics: { f1: never } },
      'scheduleMetric must be one of loss, testLoss, testF1, got "testAccuracy"',
    ],
    [{ earlyStopping: 3 }, 'earlyStopping must be an object { metric, patience, mode, minDelta }, got 3'],
    [
      { earlyStopping: { patience: 3 } },
      'earlyStopping.metric is missing; it must be the name of a figure, such as "testLoss"',
    ],
    [{ earlyStopping: { metric: 'loss', patience: 0 } }, 'earlyStopping.patience must be a whole number from 1, got 0'],
    [{ earlyStopping: { metric: 'loss', mode: 'less' } }, 'earlyStopping.mode must be "min" or "max", got "less"'],
    [{ earlyStopping: { metric: 'loss', minDelta: -1 } }, 'earlyStopping.minDelta must be a number from 0, got -1'],
    [{ earlyStopping: { metric: 'test' } }, 'earlyStopping.metric must be one of loss, testLoss, got "test"'],
    [
      { epoch: 3 },
      'unknown option "epoch"; the options are data, augment, model, loss, metrics, predict, optimizer, schedule, scheduleMetric, earlyStopping, clipGradNorm, clipGradValue, maxNorm, ema, epochs, batchSize, seed',
    ],
  ])('says in one sentence what is wrong with %o', (changed, sentence) => {
    expect(withOption(changed)).toThrow(`defineTraining: ${sentence}`);
    expect(withOption(changed)).toThrow(expect.objectContaining({ code: 'ERR_TRAINING_FILE' }));
  });

  it('takes a schedule that watches a figure, and early stopping by any figure that there will be', () => {
    const watching = { metrics: { accuracy: never }, schedule: never, scheduleMetric: 'testAccuracy' };
    const earlyStopping = { metric: 'testLoss', patience: 5, mode: 'min', minDelta: 0.01 } as const;
    expect(defineTraining({ ...options, ...watching, earlyStopping })).toMatchObject({ ...watching, earlyStopping });
  });

  it('refuses what is no object at all', () => {
    expect(() => defineTraining(3 as never)).toThrow('defineTraining: the value must be an object of options, got 3');
  });
});
