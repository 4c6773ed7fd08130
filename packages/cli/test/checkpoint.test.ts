import { fromTypedArray } from '@gradwire/tensor';
import type { Tensor } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { loadCheckpoint, saveCheckpoint } from '../src/checkpoint/checkpoint.ts';
import { latestCheckpoint } from '../src/checkpoint/store.ts';
import { temporaryFolder } from './temporary-folder.ts';

const tensor = (shape: number[], first: number): Tensor => {
  const size = shape.reduce((product, length) => product * length, 1);
  return fromTypedArray(
    Float32Array.from({ length: size }, (_, index) => first + index),
    shape,
  );
};
const model = (): [string, Tensor][] => [
  ['weight', tensor([2, 3], 1)],
  ['bias', tensor([2], 0.1)],
];
const snapshot = () => ({
  step: 12,
  epoch: 2,
  seed: 5,
  model: model(),
  optimizer: [['weight.momentum', tensor([2, 3], -4)]] as [string, Tensor][],
  state: { steps: 12 },
});

describe('saveCheckpoint and loadCheckpoint', () => {
  it('give back the same bytes, counters and names in the same order', async () => {
    const runDir = temporaryFolder();
    const path = await saveCheckpoint(runDir, snapshot());
    const checkpoint = await loadCheckpoint(path, model());
    expect(checkpoint.manifest).toMatchObject({ step: 12, epoch: 2, seed: 5, state: { steps: 12 } });
    expect([...checkpoint.model.keys()]).toEqual(['weight', 'bias']);
    expect(checkpoint.model.get('bias')?.data()).toEqual(Float32Array.of(0.1, 1.1));
    expect(checkpoint.optimizer.get('weight.momentum')?.data()).toEqual(Float32Array.of(-4, -3, -2, -1, 0, 1));
    expect(await latestCheckpoint(runDir)).toMatchObject({ step: 12, path });
  });

  it('keep averaged weights beside the others, and refuse those of another model', async () => {
    const averaged: [string, Tensor][] = [
      ['weight', tensor([2, 3], 7)],
      ['bias', tensor([2], 8)],
    ];
    const path = await saveCheckpoint(temporaryFolder(), { ...snapshot(), averaged });
    const checkpoint = await loadCheckpoint(path, model());
    expect(checkpoint.averaged!.get('bias')!.data()).toEqual(Float32Array.of(8, 9));
    const wrong = { ...snapshot(), averaged: averaged.slice(0, 1) };
    const other = await saveCheckpoint(temporaryFolder(), wrong);
    await expect(loadCheckpoint(other, model())).rejects.toMatchObject({ code: 'ERR_CHECKPOINT_MODEL' });
  });

  it('refuse a checkpoint of another model with the first names and shapes that differ', async () => {
    const path = await saveCheckpoint(temporaryFolder(), snapshot());
    const other: [string, Tensor][] = [
      ['weight', tensor([4, 3], 0)],
      ['scale', tensor([4], 0)],
    ];
    await expect(loadCheckpoint(path, other)).rejects.toMatchObject({
      code: 'ERR_CHECKPOINT_MODEL',
      message: expect.stringContaining(
        'belongs to another model: weight is [2, 3] in the checkpoint but [4, 3] in the model; ' +
          'scale [4] is not in the checkpoint; bias [2] is not in the model',
      ) as string,
    });
  });
});
