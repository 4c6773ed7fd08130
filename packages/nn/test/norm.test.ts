import { ones, randn, ShapeError, tensor, manualSeed, type Tensor } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { BatchNorm1d, BatchNorm2d } from '../src/layers/batch-norm.ts';
import { GroupNorm } from '../src/layers/group-norm.ts';
import { InstanceNorm1d, InstanceNorm2d } from '../src/layers/instance-norm.ts';
import { LayerNorm, RMSNorm } from '../src/layers/layer-norm.ts';

const near = (actual: Tensor, expected: readonly number[]): void => {
  const values = [...actual.data()];
  expect(values).toHaveLength(expected.length);
  values.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
};

describe('BatchNorm', () => {
  const x = tensor([
    [1, 10],
    [2, 30],
    [6, 20],
  ]);

  it('normalises by the biased variance and keeps the unbiased one', () => {
    const layer = new BatchNorm1d(2, { eps: 0 });
    near(layer.forward(x).pow(2).mean(0), [1, 1]);
    const state = layer.stateDict();
    near(state.get('running_mean')!, [0.3, 2]);
    near(state.get('running_var')!, [0.9 + 0.1 * 7, 0.9 + 0.1 * 100]);
    expect(state.get('num_batches_tracked')!.item()).toBe(1);
  });

  it('has the mean over all batches as running moments if momentum is null', () => {
    const layer = new BatchNorm1d(2, { momentum: null });
    layer.forward(x);
    layer.forward(x.add(2));
    near(layer.stateDict().get('running_mean')!, [4, 21]);
    near(layer.stateDict().get('running_var')!, [7, 100]);
  });

  it('uses the running moments in evaluation and leaves them alone', () => {
    const layer = new BatchNorm1d(2, { affine: false, eps: 0 }).eval();
    near(layer.forward(x), [1, 10, 2, 30, 6, 20]);
    expect(layer.stateDict().get('num_batches_tracked')!.item()).toBe(0);
    expect(layer.parameters()).toEqual([]);
  });

  it('without running moments uses those of the batch in evaluation too', () => {
    const layer = new BatchNorm1d(2, { trackRunningStats: false, eps: 0 }).eval();
    near(layer.forward(x).mean(0), [0, 0]);
    expect([...layer.stateDict().keys()]).toEqual(['weight', 'bias']);
  });

  it('refuses one value a channel in training, and takes it in evaluation', () => {
    const layer = new BatchNorm2d(3);
    expect(() => layer.forward(ones([1, 3, 1, 1]))).toThrow(ShapeError);
    expect(layer.stateDict().get('num_batches_tracked')!.item()).toBe(0);
    expect(layer.eval().forward(ones([1, 3, 1, 1])).shape).toEqual([1, 3, 1, 1]);
  });

  it('refuses inputs of other dimensions and other channels, naming them', () => {
    expect(() => new BatchNorm2d(3).forward(ones([2, 3]))).toThrow(/BatchNorm2d: x has 2 dimensions, \[2, 3\]/);
    expect(() => new BatchNorm2d(3).forward(ones([2, 4, 2, 2]))).toThrow(/must be \[4\], the channels of x/);
  });

  it('is accurate far from zero', () => {
    manualSeed(1);
    const far = randn([64, 4, 7, 5]).add(1000);
    const y = new BatchNorm2d(4, { affine: false, eps: 0 }).forward(far);
    near(y.mean([0, 2, 3]), [0, 0, 0, 0]);
    near(y.pow(2).mean([0, 2, 3]), [1, 1, 1, 1]);
  });
});

describe('InstanceNorm', () => {
  it('has no weights and no running moments unless asked for', () => {
    expect([...new InstanceNorm2d(3).stateDict().keys()]).toEqual([]);
    expect([...new InstanceNorm2d(3, { affine: true, trackRunningStats: true }).stateDict().keys()]).toEqual([
      ...['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked'],
    ]);
  });

  it('keeps the mean over samples of their moments, and uses them in evaluation', () => {
    const layer = new InstanceNorm1d(1, { trackRunningStats: true, momentum: 1, eps: 0 });
    const x = tensor([[[1, 3]], [[10, 14]]]);
    near(layer.forward(x), [-1, 1, -1, 1]);
    near(layer.stateDict().get('running_mean')!, [7]);
    near(layer.stateDict().get('running_var')!, [5]);
    near(
      layer.eval().forward(x),
      [-6, -4, 3, 7].map((d) => d / Math.sqrt(5)),
    );
  });

  it('takes one sample without a batch dimension, and refuses one value a channel', () => {
    expect(new InstanceNorm2d(2).forward(randn([2, 3, 3])).shape).toEqual([2, 3, 3]);
    expect(() => new InstanceNorm1d(2).forward(ones([4, 2, 1]))).toThrow(/one value a channel/);
  });
});

describe('LayerNorm, GroupNorm and RMSNorm', () => {
  it('have the parameters that the options say', () => {
    const keys = (module: { stateDict(): Map<string, Tensor> }): string[] => [...module.stateDict().keys()];
    expect(keys(new LayerNorm([2, 3]))).toEqual(['weight', 'bias']);
    expect(keys(new LayerNorm(3, { bias: false }))).toEqual(['weight']);
    expect(keys(new LayerNorm(3, { elementwiseAffine: false }))).toEqual([]);
    expect(keys(new GroupNorm(2, 4, { affine: false }))).toEqual([]);
    expect(keys(new RMSNorm(3))).toEqual(['weight']);
  });

  it('refuse shapes that do not fit, naming them', () => {
    expect(() => new LayerNorm([2, 3]).forward(ones([2, 4]))).toThrow(/x \[2, 4\] must end in .*\[2, 3\]/);
    expect(() => new GroupNorm(3, 4)).toThrow(/4 channels do not divide into 3 groups/);
    expect(() => new GroupNorm(2, 4).forward(ones([1, 6, 2]))).toThrow(/must have 4 channels/);
  });

  it('RMSNorm divides by the root of the mean square', () => {
    near(new RMSNorm(2).forward(tensor([[3, 4]])), [3 / Math.sqrt(12.5), 4 / Math.sqrt(12.5)]);
  });
});
