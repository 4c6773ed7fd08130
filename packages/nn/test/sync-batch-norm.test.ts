import { cat, manualSeed, ones, randn, tensor, type Tensor } from '@gradwire/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReLU } from '../src/layers/activations.ts';
import { BatchNorm1d, BatchNorm2d } from '../src/layers/batch-norm.ts';
import { Conv2d } from '../src/layers/convolution.ts';
import { InstanceNorm2d } from '../src/layers/instance-norm.ts';
import { Linear } from '../src/layers/linear.ts';
import { ModuleDict } from '../src/layers/module-dict.ts';
import { ModuleList } from '../src/layers/module-list.ts';
import { Sequential } from '../src/layers/sequential.ts';
import { convertSyncBatchNorm, SyncBatchNorm, type SumOverWorkers } from '../src/layers/sync-batch-norm.ts';
import { resnetCifar } from '../src/models/resnet-cifar.ts';
import type { Module } from '../src/module.ts';
import { workersInTurns } from './workers-in-turns.ts';

const near = (actual: Tensor, expected: Tensor, tolerance = 1e-5): void => {
  expect(actual.shape).toEqual(expected.shape);
  const [values, wanted] = [actual.data(), expected.data()];
  values.forEach((value, i) =>
    expect(Math.abs(value - wanted[i]!)).toBeLessThan(tolerance * (1 + Math.abs(wanted[i]!))),
  );
};

/** Loss, and its gradients at the input and the parameters, and the buffers afterwards. */
function learn(model: Module & { forward(x: Tensor): Tensor }, x: Tensor, factors: Tensor) {
  const input = x.detach().requiresGrad_();
  const y = model.forward(input);
  y.mul(factors).sum().backward(); // prettier-ignore
  const state = model.stateDict();
  return { y, dx: input.grad!, gradients: model.parameters().map(({ grad }) => grad!), state };
}

/** One layer of several workers with a part of the rows each, and BatchNorm over all rows. */
function compare(rows: readonly number[], shape: readonly number[], momentum: number | null): void {
  const whole = randn([rows.reduce((sum, n) => sum + n), ...shape]);
  const factors = randn(whole.shape);
  const start = (worker: number): number => rows.slice(0, worker).reduce((sum, n) => sum + n, 0);
  const part = (of: Tensor, worker: number): Tensor => of.narrow(0, start(worker), rows[worker]!);
  const layerOf = <L extends { weight: Tensor | null }>(layer: L): L => {
    layer.weight!.view().forEach((_, c, weight) => (weight[c] = 0.5 + c));
    return layer;
  };
  const one = new (shape.length === 1 ? BatchNorm1d : BatchNorm2d)(shape[0]!, { momentum });
  const expected = learn(layerOf(one), whole, factors);
  const parts = workersInTurns(
    rows.map((_, worker) => (sumOverWorkers: SumOverWorkers) => {
      const layer = layerOf(new SyncBatchNorm(shape[0]!, { momentum, sumOverWorkers }));
      return learn(layer, part(whole, worker), part(factors, worker));
    }),
  );
  near(cat(parts.map(({ y }) => y)), expected.y);
  near(cat(parts.map(({ dx }) => dx)), expected.dx);
  expected.gradients.forEach((gradient, i) => {
    const sum = parts.map(({ gradients }) => gradients[i]!).reduce((a, b) => a.add(b));
    near(sum, gradient);
  });
  for (const { state } of parts) {
    for (const key of ['running_mean', 'running_var']) near(state.get(key)!, expected.state.get(key)!);
    expect(state.get('num_batches_tracked')!.item()).toBe(1);
  }
}

describe('SyncBatchNorm', () => {
  it('gives the outputs, gradients and running moments of one worker with the whole batch', () => {
    const counts = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 });
    const shapes = fc.constantFrom([3], [1], [2, 3, 2], [5, 1, 1]);
    fc.assert(
      fc.property(counts, shapes, fc.constantFrom(0.1, null), fc.nat(1000), (rows, shape, momentum, seed) => {
        fc.pre(rows.reduce((sum, n) => sum + n, 0) > 1);
        manualSeed(seed);
        compare(rows, shape, momentum);
      }),
      { numRuns: 40 },
    );
  });

  it('does so deep in a network', () => {
    const [x, factors] = [randn([6, 2, 5, 5]), randn([6, 3])];
    const network = (): Sequential => {
      manualSeed(2);
      const [first, second] = [new Conv2d(2, 4, 3, { bias: false }), new Conv2d(4, 3, 3)];
      const pool = new Sequential(new BatchNorm2d(3), new ReLU());
      return new Sequential(first, new BatchNorm2d(4), new ReLU(), second, pool);
    };
    const weigh = (of: Tensor): Tensor => of.unsqueeze(2).unsqueeze(3);
    const expected = learn(network(), x, weigh(factors));
    const parts = workersInTurns(
      [0, 1].map((worker) => (sumOverWorkers: SumOverWorkers) => {
        const half = (of: Tensor): Tensor => of.narrow(0, 3 * worker, 3);
        return learn(convertSyncBatchNorm(network(), sumOverWorkers), half(x), weigh(half(factors)));
      }),
    );
    near(cat(parts.map(({ dx }) => dx)), expected.dx, 1e-4);
    expected.gradients.forEach((gradient, i) =>
      near(parts[0]!.gradients[i]!.add(parts[1]!.gradients[i]!), gradient, 1e-4),
    );
    for (const [key, value] of expected.state) if (key.includes('running')) near(parts[1]!.state.get(key)!, value);
  });

  it('takes one value a channel of a worker if the others have more, and refuses it alone', () => {
    const x = ones([1, 3]);
    const outputs = workersInTurns(
      [1, 3].map((value) => (sumOverWorkers: SumOverWorkers) => {
        return new SyncBatchNorm(3, { eps: 0, sumOverWorkers }).forward(x.mul(value));
      }),
    );
    expect(outputs.map((y) => y.toArray())).toEqual([[[-1, -1, -1]], [[1, 1, 1]]]);
    expect(() => new SyncBatchNorm(3).forward(x)).toThrow(/more than one is needed/);
  });

  it('is BatchNorm without other workers, and asks nobody in evaluation', () => {
    const x = randn([4, 3, 2, 2]);
    const [alone, one] = [new SyncBatchNorm(3), new BatchNorm2d(3)];
    expect(alone.forward(x).toArray()).toEqual(one.forward(x).toArray());
    alone.sumOverWorkers = () => expect.fail('asked for a sum');
    expect(alone.eval().forward(x).toArray()).toEqual(one.eval().forward(x).toArray());
    const untracked = new SyncBatchNorm(3, { trackRunningStats: false, sumOverWorkers: alone.sumOverWorkers }).eval();
    near(untracked.forward(x).mean([0, 2, 3]), tensor([0, 0, 0]));
  });
});

describe('convertSyncBatchNorm', () => {
  it('replaces the layers in all kinds of modules and keeps keys, parameters and moments', () => {
    const shared = new BatchNorm1d(4, { momentum: null, eps: 0.1 });
    const norms = new ModuleDict({ a: new BatchNorm2d(2, { affine: false }), b: new InstanceNorm2d(2) });
    const model = new Sequential({ fc: new Linear(3, 4), norm: shared, again: shared });
    const around = new ModuleList<Module>([model, norms, new BatchNorm2d(3, { trackRunningStats: false })]);
    shared.eval();
    const before = around.stateDict();
    expect(convertSyncBatchNorm(around)).toBe(around);
    const after = around.stateDict();
    expect([...after.keys()]).toEqual([...before.keys()]);
    for (const [key, tensor] of before) expect(after.get(key)).toBe(tensor);
    const layer = model.getSubmodule('norm') as SyncBatchNorm;
    expect(layer).toBeInstanceOf(SyncBatchNorm);
    expect(layer).toMatchObject({ momentum: null, eps: 0.1, training: false, numFeatures: 4, affine: true });
    expect(model.getSubmodule('again')).toBe(layer);
    expect(norms.get('a')).toBeInstanceOf(SyncBatchNorm);
    expect(norms.get('b')).toBeInstanceOf(InstanceNorm2d);
    expect(around.at(2)).toMatchObject({ trackRunningStats: false, runningMean: null });
  });

  it('reaches the layers in fields of models, and gives all of them the sum', () => {
    const model = convertSyncBatchNorm(resnetCifar({ depth: 8 }), () => undefined);
    const layers = model.modules().filter((module) => module instanceof SyncBatchNorm);
    expect(layers).toHaveLength(7);
    const other = (): void => undefined;
    convertSyncBatchNorm(model, other);
    for (const { sumOverWorkers } of layers) expect(sumOverWorkers).toBe(other);
  });

  it('returns the new layer for a single one', () => {
    const layer = new BatchNorm1d(2);
    expect(convertSyncBatchNorm(layer)).toMatchObject({ weight: layer.weight, runningMean: layer.runningMean });
  });
});
