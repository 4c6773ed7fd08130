import { describe, expect, it } from 'vitest';
import type { DoneEvent, EpochEvent } from '../src/events.ts';
import { gradwire, isBuilt } from './gradwire-command.ts';
import { eventsIn, folderWithSmallTraining } from './small-training.ts';

describe.skipIf(!isBuilt)('augment (needs npm run build)', { timeout: 120_000 }, () => {
  it('changes the batches of training and not those of the test', async () => {
    const folder = folderWithSmallTraining(320, {
      augment: '({ x, y }) => ({ x, y: y.mul(0) })', // calls every digit a zero
      metrics: '{ accuracy }',
      epochs: '6',
      optimizer: '(parameters) => new AdamW(parameters, { lr: 1e-2 })',
    });
    const { stdout, stderr } = await gradwire(folder, 'train', 'train.ts', '--json', '--threads', '1');
    expect(stderr).toBe('');
    const events = eventsIn(stdout);
    expect((events.at(-1) as DoneEvent).metrics.testAccuracy).toBeCloseTo(0.1); // two of the 20 digits are zeros
    const epochs = events.filter((event): event is EpochEvent => event.event === 'epoch');
    expect(epochs.at(-1)!.loss).toBeLessThan(0.05);
  });

  it('is told to return a batch', async () => {
    const folder = folderWithSmallTraining(64, { augment: '() => undefined as never' });
    const { code, stderr } = await gradwire(folder, 'train', 'train.ts', '--threads', '1');
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('augment must return a batch, an object of tensors, got undefined'),
    ]);
  });
});
