import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DoneEvent, StartEvent, StepEvent, TrainingEvent } from '../src/events.ts';
import { progressBar, sparkline } from '../src/report/bar.ts';
import { formatBytes, formatFigure, formatMetric, formatRate, formatSeconds } from '../src/report/format.ts';
import { jsonLines } from '../src/report/json-lines.ts';
import { plainLines } from '../src/report/plain-lines.ts';
import { quiet } from '../src/report/quiet.ts';
import { RunView } from '../src/report/run-view.ts';
import { table } from '../src/report/table.ts';
import { titleLine } from '../src/report/wording.ts';

const start: StartEvent = {
  event: 'start',
  file: '/home/me/train.ts',
  worldSize: 2,
  threads: 1,
  servers: 0,
  shards: 2,
  strategy: 'all-reduce',
  backend: 'wasm',
  seed: 1,
  epochs: 3,
  batchSize: 128,
  totalSteps: 300,
  parameters: 61_706,
  step: 0,
  runDir: '/home/me/runs/train',
};
const step = (number: number): StepEvent => ({
  event: 'step',
  step: number,
  epoch: 2,
  loss: 0.052,
  lr: 5.1e-3,
  examplesPerSecond: 11_240,
  ranks: [
    { rank: 0, computeMs: 7.8, waitMs: 0.3, netMs: 1.9 },
    { rank: 1, computeMs: 4, waitMs: 4, netMs: 2 },
  ],
});
const epoch: TrainingEvent = {
  event: 'epoch',
  epoch: 1,
  step: 100,
  loss: 0.2151,
  seconds: 3.14,
  metrics: { testAccuracy: 0.972 },
};
const done: DoneEvent = {
  event: 'done',
  steps: 300,
  seconds: 75.2,
  examplesPerSecond: 11_240.4,
  metrics: { testAccuracy: 0.98913 },
  weightsSha256: '3f9a'.repeat(16),
  worldSize: 2,
  threads: 1,
  checkpoint: '/elsewhere/checkpoints/step-300',
};
const paint = { done: (text: string) => `<${text}>`, faint: (text: string) => text };

/** An output that keeps what was written. */
function memory(): { text: string; write(text: string): void } {
  return {
    text: '',
    write(text) {
      this.text += text;
    },
  };
}

describe('the figures', () => {
  it('are short, and say their unit', () => {
    expect([0, 0.0521, 2.3, 12_345.6, 1.234e-5, NaN].map(formatFigure)).toEqual([
      '0.000',
      '0.05210',
      '2.300',
      '12,346',
      '1.23e-5',
      'NaN',
    ]);
    expect([0.0051, 0.1, 0].map(formatRate)).toEqual(['5.1e-3', '0.1', '0']);
    expect([0.42, 9.97, 59.6, 3725, 86_000, Infinity].map(formatSeconds)).toEqual([
      '0.4 s',
      '10 s',
      '1 min 00 s',
      '1 h 02 min',
      '23 h 53 min',
      '–',
    ]);
    expect(formatMetric('testAccuracy', 0.98913)).toBe('test accuracy 98.91 %');
    expect(formatMetric('testLoss', 0.034123)).toBe('test loss 0.03412');
    expect([0, 1023, 1536, 2 ** 31].map(formatBytes)).toEqual(['0 bytes', '1023 bytes', '1.5 KiB', '2 GiB']);
  });
});

describe('progressBar', () => {
  it('has the width asked for, whatever the share', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 60 }), (share, width) => {
        expect(progressBar(share, width)).toMatch(new RegExp(`^[━╸]{${width}}$`));
      }),
    );
  });

  it('marks the part that is done', () => {
    expect(progressBar(0.5, 8, paint.done)).toBe('<━━━━╸>━━━');
    expect(progressBar(1, 4, paint.done)).toBe('<━━━━>');
  });
});

describe('sparkline', () => {
  it('draws values against the greatest', () => {
    expect(sparkline([0, 1, 4, 8])).toBe('▁▂▅█');
    expect(sparkline([])).toBe('');
    expect(sparkline([0, 0])).toBe('▁▁');
  });
});

describe('titleLine', () => {
  it('tells what runs where', () => {
    expect(titleLine('0.1.0', start)).toBe('gradwire 0.1 · train.ts · 2 processes × 1 worker · wasm · seed 1');
    expect(titleLine('0.1.0', { ...start, worldSize: 3, servers: 1, step: 1200 })).toBe(
      'gradwire 0.1 · train.ts · 2 processes × 1 worker · 1 server · wasm · seed 1 · resumed at step 1,200',
    );
  });
});

describe('RunView', () => {
  const view = new RunView();
  view.apply(start);

  it('shows progress, figures and how each process spends its time', () => {
    for (let number = 1; number <= 150; number++) view.apply(step(number));
    expect(view.lines(150, paint)).toEqual([
      `epoch 2/3 <${'━'.repeat(16)}╸>${'━'.repeat(15)}  50 %  loss 0.05200  lr 5.1e-3  11,240 ex/s  eta 1.7 s`,
      `  rank 0  compute 78 %  wait  3 %  net 19 %  ${'█'.repeat(12)}   rank 1  compute 40 %  wait 40 %  net 20 %  ${'█'.repeat(12)}`,
    ]);
  });

  it('smooths the throughput over the last steps', () => {
    const uneven = new RunView();
    uneven.apply(start);
    for (let number = 1; number <= 200; number++)
      uneven.apply({ ...step(number), examplesPerSecond: number % 2 ? 900 : 1100 });
    const shown = /([\d,]+) ex\/s/.exec(uneven.lines(150, paint)[0]!)?.[1]?.replace(',', '');
    expect(Math.abs(Number(shown) - 1000)).toBeLessThan(20);
  });

  it('fits any terminal that is wide enough for the figures', () => {
    for (let columns = 66; columns < 200; columns++) {
      const plain = { done: (text: string) => text, faint: (text: string) => text };
      for (const line of view.lines(columns, plain)) expect(line.length).toBeLessThanOrEqual(columns);
    }
  });
});

describe('plainLines', () => {
  it('prints a line for what happens seldom, and one every five seconds for steps', () => {
    const output = memory();
    let nowMs = 0;
    const reporter = plainLines(output, memory(), '0.1.0', () => nowMs);
    reporter.event(start);
    for (let number = 1; number <= 120; number++) {
      nowMs += 100;
      reporter.event(step(number));
    }
    reporter.event(epoch);
    reporter.event({ event: 'learningRate', step: 100, epoch: 1, metric: 'testLoss', before: 1e-3, lr: 1e-4 });
    reporter.event({ event: 'earlyStop', step: 300, epoch: 3, metric: 'testLoss' });
    reporter.event({ event: 'member', change: 'lost', rank: 1, worldSize: 1, reason: 'no heartbeat' });
    reporter.event(done);
    expect(output.text.split('\n')).toEqual([
      'gradwire 0.1 · train.ts · 2 processes × 1 worker · wasm · seed 1',
      'epoch 2  step 50/300  loss 0.05200  lr 5.1e-3  11,240 ex/s',
      'epoch 2  step 100/300  loss 0.05200  lr 5.1e-3  11,240 ex/s',
      'epoch 1/3  loss 0.2151  test accuracy 97.20 %  3.1 s',
      'learning rate 1.0e-3 → 1.0e-4, by test loss',
      'stopped early: no better test loss for 3 epochs',
      'rank 1 lost (no heartbeat), 1 process now',
      'done: 300 steps in 1 min 15 s, 11,240 examples/s',
      '  test accuracy 98.91 %',
      '  checkpoint /elsewhere/checkpoints/step-300',
      '  weights sha256 3f9a3f9a3f9a',
      '',
    ]);
  });
});

describe('jsonLines', () => {
  it('prints exactly the events, one a line, and sends every other line elsewhere', () => {
    const [output, other] = [memory(), memory()];
    const reporter = jsonLines(output, other);
    const events: TrainingEvent[] = [start, { ...step(1), loss: NaN }, epoch, done];
    for (const event of events) reporter.event(event);
    reporter.line('printed by the training file');
    const parsed = output.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as TrainingEvent);
    expect(parsed).toEqual([start, { ...step(1), loss: null }, epoch, done]);
    expect(other.text).toBe('printed by the training file\n');
  });
});

describe('quiet', () => {
  it('lets only the end through', () => {
    const output = memory();
    const reporter = quiet(plainLines(output, memory(), '0.1.0', () => 0));
    for (const event of [start, step(1), epoch, done]) reporter.event(event);
    expect(output.text).toMatch(/^done: 300 steps/);
  });
});

describe('table', () => {
  it('aligns names to the left and numbers to the right', () => {
    expect(
      table(
        ['name', 'n'],
        [
          ['weight', '1'],
          ['b', '1,000'],
        ],
        { left: 1 },
      ),
    ).toBe('  name        n\n  weight      1\n  b       1,000');
  });
});
