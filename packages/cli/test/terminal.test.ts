import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { StartEvent } from '../src/events.ts';
import { terminal } from '../src/report/terminal.ts';

const start: StartEvent = {
  event: 'start',
  file: '/home/me/train.ts',
  worldSize: 1,
  threads: 2,
  servers: 0,
  shards: 2,
  strategy: 'all-reduce',
  backend: 'wasm',
  seed: 1,
  epochs: 1,
  batchSize: 128,
  totalSteps: 100,
  parameters: 10,
  step: 0,
  runDir: '/home/me/runs/train',
};
const step = (number: number) =>
  ({ event: 'step', step: number, epoch: 1, loss: 0.5, lr: 0.1, examplesPerSecond: 1000 }) as const;

/** A terminal that keeps what was written to it, and a clock that the test sets. */
function fakeTerminal(columns: number) {
  const stream = Object.assign(new PassThrough().setEncoding('utf8'), {
    isTTY: true,
    columns,
    rows: 24,
    hasColors: () => false,
  });
  const clock = { nowMs: 0 };
  const reporter = terminal(stream as unknown as NodeJS.WriteStream, '0.1.0', () => clock.nowMs);
  const written = () => stripVTControlCharacters((stream.read() as string | null) ?? '');
  return { reporter, clock, written };
}

describe('terminal', () => {
  it('draws a picture, at most ten times a second', () => {
    const { reporter, clock, written } = fakeTerminal(100);
    reporter.event(start);
    expect(written()).toContain('gradwire 0.1 · train.ts · 1 process × 2 workers · wasm · seed 1');
    reporter.event(step(1));
    expect(written()).toBe('');
    clock.nowMs = 100;
    reporter.event(step(50));
    expect(written()).toContain(
      `epoch 1/1 ${'━'.repeat(16)}╸${'━'.repeat(15)}  50 %  loss 0.5000  lr 0.1  1,000 ex/s  eta 6.4 s`,
    );
    clock.nowMs = 199;
    reporter.event(step(51));
    expect(written()).toBe('');
    reporter.close();
  });

  it('prints lines of others above the picture and draws it again below', () => {
    const { reporter, clock, written } = fakeTerminal(100);
    reporter.event(start);
    clock.nowMs = 100;
    reporter.event(step(50));
    written();
    reporter.line('hello');
    const text = written();
    expect(text.indexOf('hello')).toBeGreaterThanOrEqual(0);
    expect(text.indexOf('epoch 1/1')).toBeGreaterThan(text.indexOf('hello'));
    reporter.close();
  });

  it('leaves the result in place of the picture', () => {
    const { reporter, written } = fakeTerminal(100);
    reporter.event(start);
    written();
    reporter.event({
      event: 'done',
      steps: 100,
      seconds: 12.8,
      examplesPerSecond: 1000,
      metrics: { testAccuracy: 0.99 },
      weightsSha256: 'ab'.repeat(32),
      worldSize: 1,
      threads: 2,
    });
    reporter.close();
    expect(written()).toMatch(
      /done: 100 steps in 13 s, 1,000 examples\/s\r?\n {2}test accuracy 99\.00 %\r?\n {2}weights/,
    );
  });
});
