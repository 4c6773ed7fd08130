import { FlatParameters, Tensor, manualSeed, randn, step, tensor, zeros } from '@gradwire/tensor';
import { expect, it } from 'vitest';
import { treeSum } from '../../src/collectives/tree-sum.ts';
import { planBuckets } from '../../src/data-parallel/bucket-plan.ts';
import { ShardGradients } from '../../src/data-parallel/shard-gradients.ts';
import { StepControl } from '../../src/threads/step-control.ts';

/** Three parameters in a bucket each, and gradients for `shards` shards. */
function setUp(shards: number, waits = true) {
  manualSeed(3);
  const parameters = [randn([40]), randn([40]), randn([40])].map((each) => each.requiresGrad_());
  const flat = FlatParameters.of(parameters);
  const buckets = planBuckets(flat, 16, 16);
  const gradients = Array.from({ length: shards }, () => Tensor.emptyLongLived([flat.grad.size], 'float32', 'test'));
  gradients.forEach((gradient) => gradient.view().fill(0));
  const summed: number[] = [];
  const handles = gradients.map((gradient) => gradient.handle());
  const control = StepControl.create(1, buckets.length);
  const onSummed = waits ? (bucket: number) => summed.push(bucket) : null;
  const shardGradients = new ShardGradients(flat, buckets, handles, control, onSummed);
  return { parameters, gradients, summed, shardGradients };
}

it.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'sums %i shards to the bits of treeSum and tells each bucket once a step',
  (shards) => {
    const { parameters, gradients, summed, shardGradients } = setUp(shards);
    const factors = Array.from({ length: shards }, () => randn([40]));
    for (let run = 0; run < 2; run++) {
      summed.length = 0;
      factors.forEach((factor, shard) => {
        shardGradients.begin(shard);
        step(() => parameters.reduce((sum, p) => sum.add(p.mul(factor).sum()), tensor(0)).backward());
        shardGradients.end();
      });
      const expected = treeSum(factors.map((factor) => factor.data() as Float32Array));
      for (const start of [0, 48, 96]) expect(gradients[0]!.data().slice(start, start + 40)).toEqual(expected);
      expect([...summed].sort()).toEqual([0, 1, 2]);
    }
  },
);

it('sums slice by slice to the same bits where nobody waits for buckets', () => {
  const sums = [true, false].map((waits) => {
    const { parameters, gradients, shardGradients } = setUp(3, waits);
    for (const shard of [0, 1, 2]) {
      shardGradients.begin(shard);
      step(() => parameters.reduce((sum, p, i) => sum.add(p.mul(shard + i / 3).sum()), tensor(0)).backward());
      shardGradients.end();
    }
    if (!waits) for (const [start, end] of [[0, 50], [50, 50], [50, 144]] as const) shardGradients.sumSlice(start, end); // prettier-ignore
    return gradients[0]!.data();
  });
  expect(sums[0]!.length).toBe(144);
  expect(sums[1]).toEqual(sums[0]);
});

it('counts a parameter without part in the loss as zero, and lets a frozen one have no gradient', () => {
  const { parameters, gradients, summed, shardGradients } = setUp(2);
  gradients.forEach((gradient) => gradient.view().fill(7)); // of an earlier step
  parameters[2]!.requiresGrad = false;
  for (const shard of [0, 1]) {
    shardGradients.begin(shard);
    if (shard === 0) step(() => parameters[1]!.sum().backward());
    shardGradients.end();
  }
  expect(summed).toHaveLength(3);
  const sum = gradients[0]!.data();
  expect([sum[0], sum[48], sum[96]]).toEqual([0, 1, 0]);
  expect(parameters.map(({ hasGrad }) => hasGrad)).toEqual([true, true, false]);
});

it('refuses a second backward through a parameter whose bucket still waits for others', () => {
  const parameters = [0, 1].map(() => zeros([4], { requiresGrad: true }));
  const flat = FlatParameters.of(parameters);
  const handles = [flat.grad.handle()];
  const shardGradients = new ShardGradients(
    flat,
    planBuckets(flat),
    handles,
    StepControl.create(1, 1),
    () => undefined,
  );
  shardGradients.begin(0);
  parameters[0]!.sum().backward();
  expect(() => parameters[0]!.sum().backward()).toThrow(expect.objectContaining({ code: 'ERR_BACKWARD_TWICE' }));
});

it('refuses a second backward in one step', () => {
  const { parameters, shardGradients } = setUp(1);
  shardGradients.begin(0);
  parameters[0]!.sum().backward();
  const again = () => parameters[0]!.sum().backward();
  expect(again).toThrow(expect.objectContaining({ code: 'ERR_BACKWARD_TWICE' }));
});
