import { basename, relative } from 'node:path';
import type {
  Best,
  DoneEvent,
  EarlyStopEvent,
  EpochEvent,
  LearningRateEvent,
  MemberEvent,
  Metrics,
  StartEvent,
} from '../events.ts';
import { formatCount, formatFigure, formatMetric, formatName, formatRate, formatSeconds, plural } from './format.ts';

/** "gradwire 0.1 · train.ts · 2 processes × 1 worker · wasm · seed 1" */
export function titleLine(version: string, start: StartEvent): string {
  const servers = start.servers > 0 ? [plural(start.servers, 'server')] : [];
  const processes = plural(start.worldSize - start.servers, 'process', 'processes');
  const parts = [
    `gradwire ${version.replace(/\.\d+$/, '')}`,
    basename(start.file),
    `${processes} × ${plural(start.threads, 'worker')}`,
    ...servers,
    start.backend,
    `seed ${start.seed}`,
    ...(start.step > 0 ? [`resumed at step ${formatCount(start.step)}`] : []),
  ];
  return parts.join(' · ');
}

/** "epoch 1/3  loss 0.2151  test accuracy 97.20 %  3.1 s" */
export function epochLine({ epoch, loss, metrics, seconds }: EpochEvent, epochs: number): string {
  const parts = [
    `epoch ${epoch}/${epochs}`,
    `loss ${formatFigure(loss)}`,
    ...metricTexts(metrics),
    formatSeconds(seconds),
  ];
  return parts.join('  ');
}

/** "rank 1 lost (killed by SIGKILL), 3 processes left" */
export function memberLine({ rank, change, worldSize, reason }: MemberEvent): string {
  return `rank ${rank} ${change}${reason ? ` (${reason})` : ''}, ${plural(worldSize, 'process', 'processes')} now`;
}

/** "learning rate 1e-3 → 1e-4, by test loss" */
export function learningRateLine({ before, lr, metric }: LearningRateEvent): string {
  return `learning rate ${formatRate(before)} → ${formatRate(lr)}, by ${formatName(metric)}`;
}

/** "stopped early: no better test loss for 3 epochs; the best was test loss 0.03412 in epoch 7" */
export function earlyStopLine({ epoch, metric, best }: EarlyStopEvent): string {
  const epochs = plural(epoch - (best?.epoch ?? 0), 'epoch');
  const history = best ? `; the best was ${formatMetric(metric, best.value)} in epoch ${best.epoch}` : '';
  return `stopped early: no better ${formatName(metric)} for ${epochs}${history}`;
}

/** What a run came to: figures of the test set, throughput, time, and where the weights lie. */
export function summaryLines(done: DoneEvent, directory = process.cwd()): string[] {
  const { steps, seconds, examplesPerSecond, metrics, checkpoint, weightsSha256, best } = done;
  const figures = metricTexts(metrics);
  return [
    `done: ${plural(steps, 'step')} in ${formatSeconds(seconds)}, ${formatCount(examplesPerSecond)} examples/s`,
    ...(figures.length > 0 ? [`  ${figures.join('  ')}`] : []),
    ...(checkpoint ? [`  checkpoint ${shortPath(checkpoint, directory)}`] : []),
    ...(best ? [bestLine(best, directory)] : []),
    `  weights sha256 ${weightsSha256.slice(0, 12)}`,
  ];
}

function bestLine({ metric, value, epoch, checkpoint }: Best, directory: string): string {
  return `  best: ${formatMetric(metric, value)} in epoch ${epoch}, checkpoint ${shortPath(checkpoint, directory)}`;
}

function metricTexts(metrics: Metrics): string[] {
  return Object.entries(metrics).map(([name, value]) => formatMetric(name, value));
}

function shortPath(path: string, directory: string): string {
  const short = relative(directory, path);
  return short.startsWith('..') ? path : short;
}
