/** Where an interpolation along one dimension reads, and with which weights. */
import type { Taps } from './taps.ts';

/** One dimension to be resized. */
export interface Resize {
  readonly size: number;
  readonly out: number;
  /** Elements of the input for each of the result. */
  readonly step: number;
  /** Whether the first and last elements keep their places; else the outer edges of the elements do. */
  readonly alignCorners: boolean;
}

/** The element in which ⌊i·step⌋ lies, or (with `centred`) that in which the middle of place i lies. */
export function nearestIndex(
  { size, out, step }: Resize,
  centred: boolean,
  round: (value: number) => number,
): number[][] {
  const rounded = round(step);
  return Array.from({ length: out }, (_, i) => [
    Math.min(Math.floor(round((centred ? i + 0.5 : i) * rounded)), size - 1),
  ]);
}

/** The two neighbours of each place, weighted by their nearness. */
export function linearTaps(resize: Resize): Taps {
  const { size } = resize;
  return tapsAt(resize, (at) => {
    const place = Math.max(at, 0);
    const left = Math.min(Math.floor(place), size - 1);
    const t = Math.min(place - left, 1);
    return { index: [left, Math.min(left + 1, size - 1)], weight: [1 - t, t] };
  });
}

/** The four neighbours of each place, weighted by cubic convolution (Keys 1981) with a = −3/4; the border repeats. */
export function cubicTaps(resize: Resize): Taps {
  const { size } = resize;
  return tapsAt(resize, (at) => {
    const left = Math.floor(at);
    const t = at - left;
    const index = [-1, 0, 1, 2].map((d) => Math.min(Math.max(left + d, 0), size - 1));
    return { index, weight: [far(t + 1), near(t), near(1 - t), far(2 - t)] };
  });
}

const A = -0.75;
const near = (x: number): number => ((A + 2) * x - (A + 3)) * x * x + 1;
const far = (x: number): number => ((A * x - 5 * A) * x + 8 * A) * x - 4 * A;

function tapsAt({ out, step, alignCorners }: Resize, tap: (at: number) => { index: number[]; weight: number[] }): Taps {
  const taps = Array.from({ length: out }, (_, i) => tap(alignCorners ? i * step : (i + 0.5) * step - 0.5));
  return { index: taps.map(({ index }) => index), weight: taps.map(({ weight }) => weight) };
}
