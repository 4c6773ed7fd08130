import { tensor, type Tensor } from '@gradwire/tensor';
import { Seq2Seq, Seq2SeqDecoder, Seq2SeqEncoder, type Cell, type LuongScore } from '../src/index.ts';

export type Kind = 'bahdanau' | LuongScore | null;

export interface NetworkOptions {
  readonly cell?: Cell;
  readonly bidirectional?: boolean;
  readonly attention?: Kind;
  readonly inputFeeding?: boolean;
  readonly dropout?: number;
}

/** Reads tokens 0 to 6 and writes tokens 0 to 4; its weights are waves. Bidirectional ones have two layers. */
export function network(
  { attention = 'general', inputFeeding = false, ...both }: NetworkOptions = {},
  size = 0.5,
): Seq2Seq {
  const { bidirectional = false, ...common } = { ...both, numLayers: both.bidirectional ? 2 : 1 };
  const model = new Seq2Seq(
    new Seq2SeqEncoder(7, 4, 6, { ...common, bidirectional }),
    new Seq2SeqDecoder(5, 3, 6, { ...common, attention, inputFeeding }),
  );
  model.parameters().forEach((parameter, k) => parameter.view().set(wave(parameter.shape, k, size).data()));
  return model;
}

export function wave(shape: readonly number[], k: number, size = 0.5): Tensor {
  const count = shape.reduce((product, n) => product * n, 1);
  return tensor(Array.from({ length: count }, (_, i) => size * Math.sin(1.7 * i + k))).reshape(shape);
}

/** A sum over x that no exchange of elements leaves as it is. */
export function probe(x: Tensor, k: number): Tensor {
  return x
    .flatten()
    .mul(tensor(Array.from({ length: x.size }, (_, i) => Math.cos(0.9 * i + k))))
    .sum();
}

export function tokens(N: number, T: number, token: (i: number, t: number) => number): Tensor {
  return tensor(Array.from({ length: N }, (_, i) => Array.from({ length: T }, (__, t) => token(i, t)))).to('int32');
}

export const SOURCE = tokens(3, 4, (i, t) => (3 * i + 2 * t + 1) % 7);
export const LENGTHS = [2, 4, 3];
export const TARGET = tokens(3, 4, (i, t) => (2 * i + 3 * t + 1) % 5);

/** Of all elements, without their signs. */
export function largest(x: Tensor): number {
  return Array.from(x.data()).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
