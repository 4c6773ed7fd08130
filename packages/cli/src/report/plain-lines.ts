import type { StartEvent, StepEvent } from '../events.ts';
import { formatCount, formatFigure, formatRate } from './format.ts';
import type { Output, Reporter } from './reporter.ts';
import { earlyStopLine, epochLine, learningRateLine, memberLine, summaryLines, titleLine } from './wording.ts';

const STEP_LINE_MS = 5000;

/** Reports in plain lines, for logs and pipes: a line for what happens seldom, and one about every five seconds for steps. */
export function plainLines(output: Output, other: Output, version: string, now: () => number): Reporter {
  let start: StartEvent | undefined;
  let lastStepMs = now();
  const print = (...lines: string[]) => void output.write(lines.map((line) => `${line}\n`).join(''));
  return {
    event(event) {
      switch (event.event) {
        case 'start':
          start = event;
          lastStepMs = now();
          return print(titleLine(version, event));
        case 'step':
          if (now() - lastStepMs < STEP_LINE_MS) return;
          lastStepMs = now();
          return print(stepLine(event, start));
        case 'epoch':
          return print(epochLine(event, start?.epochs ?? event.epoch));
        case 'learningRate':
          return print(learningRateLine(event));
        case 'earlyStop':
          return print(earlyStopLine(event));
        case 'member':
          return print(memberLine(event));
        case 'done':
          return print(...summaryLines(event));
        case 'eval':
        case 'checkpoint':
        case 'error':
          return;
      }
    },
    line: (text) => void other.write(`${text}\n`),
    close: () => undefined,
  };
}

function stepLine(event: StepEvent, start: StartEvent | undefined): string {
  const { step, epoch, loss, lr, examplesPerSecond } = event;
  const of = start ? `/${formatCount(start.totalSteps)}` : '';
  const parts = [
    `epoch ${epoch}`,
    `step ${formatCount(step)}${of}`,
    `loss ${formatFigure(loss)}`,
    `lr ${formatRate(lr)}`,
  ];
  return [...parts, `${formatCount(examplesPerSecond)} ex/s`].join('  ');
}
