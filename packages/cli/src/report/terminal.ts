import { styleText } from 'node:util';
import { createLogUpdate } from 'log-update';
import type { StartEvent } from '../events.ts';
import type { Reporter } from './reporter.ts';
import type { Paint } from './run-view.ts';
import { RunView } from './run-view.ts';
import { earlyStopLine, epochLine, learningRateLine, memberLine, summaryLines, titleLine } from './wording.ts';

const REDRAW_MS = 100;
const COLUMNS_DEFAULT = 80;

/** Draws the run at the bottom of a terminal, in place; what stays is printed above it. */
export function terminal(stream: NodeJS.WriteStream, version: string, now: () => number): Reporter {
  // Hiding the cursor would go to standard error, which belongs to the lines of others meanwhile.
  const draw = createLogUpdate(stream, { showCursor: true });
  const view = new RunView();
  const paint = paintFor(stream);
  let start: StartEvent | undefined;
  let drawnMs = -REDRAW_MS;
  const redraw = () => {
    drawnMs = now();
    draw(view.lines((stream.columns || COLUMNS_DEFAULT) - 1, paint).join('\n'));
  };
  const keep = (text: string) => {
    draw.persist(text);
    redraw();
  };
  return {
    event(event) {
      view.apply(event);
      switch (event.event) {
        case 'start':
          start = event;
          return keep(titleLine(version, event));
        case 'step':
          return now() - drawnMs >= REDRAW_MS ? redraw() : undefined;
        case 'epoch':
          return keep(epochLine(event, start?.epochs ?? event.epoch));
        case 'learningRate':
          return keep(learningRateLine(event));
        case 'earlyStop':
          return keep(earlyStopLine(event));
        case 'member':
          return keep(memberLine(event));
        case 'done':
          start = undefined;
          draw.clear();
          return draw.persist(summaryLines(event).join('\n'));
        case 'eval':
        case 'checkpoint':
        case 'error':
          return;
      }
    },
    line: (text) => (start ? keep(text) : draw.persist(text)),
    close: () => draw.done(),
  };
}

function paintFor(stream: NodeJS.WriteStream): Paint {
  const style = (format: 'cyan' | 'dim') => (text: string) => (stream.hasColors() ? styleText(format, text) : text);
  return { done: style('cyan'), faint: style('dim') };
}
