import { GradwireError } from '@gradwire/tensor';
import { treeSum } from '../collectives/tree-sum.ts';

const WORD_BYTES = Float64Array.BYTES_PER_ELEMENT;

/** Small numbers of one step that travel with the gradients: sample count and loss to sum, a stop flag to maximise. */
export interface StepInfo {
  readonly sums: Float64Array;
  readonly maxima: Float64Array;
}

// On the wire: one word that says whether this is a step (1) or the worker's goodbye (0), then sums, then maxima.

export function infoBytes(sums: number, maxima: number): number {
  return (1 + sums + maxima) * WORD_BYTES;
}

/** A step's numbers, or a goodbye without any. */
export function encodeInfo(info: StepInfo | 'goodbye', sums: number, maxima: number): Uint8Array {
  const words = new Float64Array(1 + sums + maxima);
  if (info !== 'goodbye') {
    words[0] = 1;
    words.set(info.sums, 1);
    words.set(info.maxima, 1 + sums);
  }
  return new Uint8Array(words.buffer);
}

export function decodeInfo(bytes: Uint8Array, sums: number): StepInfo | 'goodbye' {
  const words = new Float64Array(bytes.slice().buffer);
  return words[0] === 1 ? { sums: words.slice(1, 1 + sums), maxima: words.slice(1 + sums) } : 'goodbye';
}

/** Joins the numbers of all workers; sums are those of the fixed tree over ranks. All have the same lengths. */
export function joinInfos(infos: readonly StepInfo[]): StepInfo {
  const [first] = infos;
  if (!first) throw new GradwireError('ERR_INTERNAL', 'joinInfos: no infos');
  const maxima = first.maxima.map((_, i) => Math.max(...infos.map((info) => info.maxima[i]!)));
  return { sums: treeSum(infos.map(({ sums }) => sums.slice())), maxima };
}
