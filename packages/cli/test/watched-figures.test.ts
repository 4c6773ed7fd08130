import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { latestCheckpoint, listCheckpoints } from '../src/checkpoint/store.ts';
import type { DoneEvent, TrainingEvent } from '../src/events.ts';
import { gradwire, isBuilt, startGradwire } from './gradwire-command.ts';
import { eventsIn, folderWithSmallTraining } from './small-training.ts';

const THREADS = ['--threads', '2'];
const PROCESSES = ['--nproc', '2', '--threads', '1'];
const SERVERS = [...PROCESSES, '--strategy', 'parameter-server'];

/** A rate that falls by a figure of training, and an end by one of the test set. */
const watching = {
  schedule: '(optimizer) => new ReduceLROnPlateau(optimizer, { factor: 0.5, patience: 0, threshold: 0.25 })',
  scheduleMetric: '"loss"',
  earlyStopping: '{ metric: "testLoss", patience: 2, minDelta: 0.3 }',
  epochs: '30',
};

/** The usual loss; in the third epoch of 100 steps it interrupts the process whose number is in a file, once. */
const INTERRUPTING_LOSS = `(model, { x, y }) => {
  globalThis.calls = (globalThis.calls ?? 0) + 1;
  const { existsSync, readFileSync, renameSync } = process.getBuiltinModule('node:fs');
  if (globalThis.calls === 230 && existsSync('to-interrupt')) {
    try {
      renameSync('to-interrupt', 'interrupted'); // by one of the workers
      process.kill(Number(readFileSync('interrupted', 'utf8')), 'SIGINT');
    } catch {}
  }
  return crossEntropy(model.forward(x.add(randn(x.shape).mul(0.1))), y);
}`;

async function eventsOf(folder: string, ...flags: string[]): Promise<TrainingEvent[]> {
  const { stdout, stderr } = await gradwire(folder, 'train', 'train.ts', '--json', ...flags);
  expect(stderr).toBe('');
  return eventsIn(stdout);
}

const find = <Name extends TrainingEvent['event']>(events: readonly TrainingEvent[], name: Name) =>
  events.filter((event): event is Extract<TrainingEvent, { event: Name }> => event.event === name);

/** What must be the same in every layout: weights, rates and the end. */
function outcome(events: readonly TrainingEvent[]) {
  const { weightsSha256, steps, best } = events.at(-1) as DoneEvent;
  const rates = find(events, 'learningRate').map(({ epoch, before, lr }) => [epoch, before, lr]);
  return { weightsSha256, steps, best: [best?.epoch, best?.value], rates };
}

// Each test trains in fresh processes.
describe.skipIf(!isBuilt)('figures that a run watches (needs npm run build)', { timeout: 120_000 }, () => {
  it('end it once they are no better for some epochs; the checkpoint of the best stays', async () => {
    const earlyStopping = '{ metric: "testConstant", patience: 4, mode: "max" }';
    const folder = folderWithSmallTraining(64, { metrics: '{ constant: () => 0.5 }', earlyStopping, epochs: '9' });
    const events = await eventsOf(folder, ...THREADS);
    const best = { metric: 'testConstant', value: 0.5, epoch: 1 };
    expect(find(events, 'epoch')).toHaveLength(5);
    expect(events.at(-2)).toMatchObject({ event: 'earlyStop', epoch: 5, step: 10, metric: 'testConstant', best });
    expect(events.at(-1)).toMatchObject({ event: 'done', steps: 10, best });
    expect((await listCheckpoints(join(folder, 'runs/train'))).map(({ step }) => step)).toEqual([10, 8, 6, 2]);
    expect(basename((events.at(-1) as DoneEvent).best!.checkpoint)).toBe('step-2');
    const resumed = await gradwire(folder, 'train', 'train.ts', '--resume', ...THREADS);
    expect(resumed.stdout).toContain(
      '\nstopped early: no better test constant for 4 epochs; the best was test constant 0.5000 in epoch 1\n',
    );
    expect(resumed.stdout).toContain(
      '\n  best: test constant 0.5000 in epoch 1, checkpoint runs/train/checkpoints/step-2\n',
    );
    expect(resumed.stdout).not.toContain('epoch 6/9');
  });

  it('decide the same, to the bit, by threads, by processes and on parameter servers', async () => {
    const events = await eventsOf(folderWithSmallTraining(96, watching), ...THREADS);
    const byThreads = outcome(events);
    expect(byThreads.steps).toBeLessThan(90);
    expect(byThreads.rates.slice(0, 2)).toEqual([
      [expect.any(Number), 2e-3, 1e-3],
      [expect.any(Number), 1e-3, 5e-4],
    ]);
    const [fallen] = find(events, 'learningRate');
    const lrOf = (number: number) => find(events, 'step').find(({ step }) => step === number)!.lr;
    expect([lrOf(fallen!.step), lrOf(fallen!.step + 1)]).toEqual([2e-3, 1e-3]);
    expect(outcome(await eventsOf(folderWithSmallTraining(96, watching), ...PROCESSES))).toEqual(byThreads);
    expect(outcome(await eventsOf(folderWithSmallTraining(96, watching), ...SERVERS))).toEqual(byThreads);
  });

  it.each([
    ['threads', THREADS],
    ['parameter servers', SERVERS],
  ])('are remembered by a run that goes on after a stop in mid-epoch, by %s', async (_, layout) => {
    const flags = [...layout, '--batch-size', '4'];
    const whole = await eventsOf(folderWithSmallTraining(400, watching), ...flags);
    const folder = folderWithSmallTraining(400, { ...watching, loss: INTERRUPTING_LOSS });
    const { child, ended } = startGradwire(folder, ['train', 'train.ts', '--json', ...flags]);
    writeFileSync(join(folder, 'to-interrupt'), `${child.pid}`);
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect((await latestCheckpoint(join(folder, 'runs/train')))!.step % 100).not.toBe(0);
    const resumed = await eventsOf(folder, '--resume', ...flags);
    const before = find(eventsIn(stdout), 'learningRate').map(({ epoch, before, lr }) => [epoch, before, lr]);
    const after = outcome(resumed);
    expect({ ...after, rates: [...before, ...after.rates] }).toEqual(outcome(whole));
  });

  it('must be there: of the test set only with one, and named for a schedule that wants one', async () => {
    const messageOf = async (options: Record<string, string>): Promise<string> =>
      (await gradwire(folderWithSmallTraining(64, options), 'train', 'train.ts', '--threads', '1')).stderr;
    expect(await messageOf({ ...watching, data: '() => ({ train: synthDigits({ trainLength: 64 }).train })' })).toBe(
      'gradwire: defineTraining: earlyStopping.metric is testLoss, but there is no test set; let `data` return test, or watch loss\n',
    );
    expect(await messageOf({ schedule: watching.schedule })).toContain(
      'name it, for instance scheduleMetric: "testLoss"',
    );
    expect(await messageOf({ ...watching, schedule: '() => ({ step() {} })' })).toContain(
      'schedule must return one with step, stateDict and loadStateDict, as scheduleMetric is given, got an object',
    );
  });
});
