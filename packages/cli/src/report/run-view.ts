import type { RankTimes, StartEvent, StepEvent, TrainingEvent } from '../events.ts';
import { progressBar, sparkline } from './bar.ts';
import { formatCount, formatFigure, formatRate, formatSeconds, formatShare } from './format.ts';

const HISTORY = 12;
const BAR_WIDTH_MAX = 32;
const GAP = '   ';
/** Weight of the newest step in the throughput shown; single steps vary too much to read. */
const NEWEST = 0.1;

/** Colours for the parts of the picture; the identity where there are none. */
export interface Paint {
  readonly done: (text: string) => string;
  readonly faint: (text: string) => string;
}

/** What the terminal shows of a run while it goes on; built up event by event, without clock or terminal. */
export class RunView {
  #start: StartEvent | undefined;
  #step: StepEvent | undefined;
  #examplesPerSecond: number | undefined;
  readonly #computeMs = new Map<number, number[]>();

  apply(event: TrainingEvent): void {
    if (event.event === 'start') this.#start = event;
    if (event.event === 'member' && event.change !== 'joined') this.#computeMs.delete(event.rank);
    if (event.event !== 'step') return;
    this.#step = event;
    const before = this.#examplesPerSecond ?? event.examplesPerSecond;
    this.#examplesPerSecond = before + NEWEST * (event.examplesPerSecond - before);
    for (const { rank, computeMs } of event.ranks ?? []) {
      this.#computeMs.set(rank, [...(this.#computeMs.get(rank) ?? []), computeMs].slice(-HISTORY));
    }
  }

  /** The lines for a terminal of this width: progress, then how each process spends its time. */
  lines(columns: number, paint: Paint): string[] {
    if (!this.#start) return [];
    if (!this.#step) return [paint.faint('first step …')];
    return [
      this.#progressLine(this.#start, this.#step, columns, paint),
      ...this.#rankLines(this.#step, columns, paint),
    ];
  }

  #progressLine(start: StartEvent, step: StepEvent, columns: number, { done, faint }: Paint): string {
    const share = step.step / start.totalSteps;
    const rate = this.#examplesPerSecond ?? step.examplesPerSecond;
    const secondsLeft = ((start.totalSteps - step.step) * start.batchSize) / rate;
    const before = `epoch ${step.epoch}/${start.epochs} `;
    const figures = [
      ` ${formatShare(share).padStart(5)}`,
      `loss ${formatFigure(step.loss)}`,
      `lr ${formatRate(step.lr)}`,
      `${formatCount(rate)} ex/s`,
      `eta ${formatSeconds(secondsLeft)}`,
    ].join('  ');
    const width = Math.min(BAR_WIDTH_MAX, columns - before.length - figures.length - 1);
    return before + (width > 4 ? progressBar(share, width, done, faint) : '') + figures;
  }

  #rankLines({ ranks = [] }: StepEvent, columns: number, { faint }: Paint): string[] {
    const cells = ranks.map((times) => `${timesText(times)}  ${sparkline(this.#computeMs.get(times.rank) ?? [])}`);
    const width = Math.max(0, ...cells.map(({ length }) => length));
    const perLine = Math.max(1, Math.floor((columns - 2) / (width + GAP.length)));
    const lines: string[] = [];
    for (let first = 0; first < cells.length; first += perLine) {
      const row = cells.slice(first, first + perLine).map((cell) => cell.padEnd(width));
      lines.push(faint(`  ${row.join(GAP).trimEnd()}`));
    }
    return lines;
  }
}

function timesText({ rank, computeMs, waitMs, netMs }: RankTimes): string {
  const whole = Math.max(computeMs + waitMs + netMs, Number.MIN_VALUE);
  const [compute, wait, net] = [computeMs, waitMs, netMs].map((ms) => formatShare(ms / whole).padStart(4));
  return `rank ${rank}  compute ${compute}  wait ${wait}  net ${net}`;
}
