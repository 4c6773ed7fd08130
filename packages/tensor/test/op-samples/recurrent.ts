import { cat } from '../../src/ops/join.ts';
import { gru } from '../../src/ops/recurrent/gru.ts';
import { lstm } from '../../src/ops/recurrent/lstm.ts';
import { rnn } from '../../src/ops/recurrent/rnn.ts';
import type { Tensor } from '../../src/tensor.ts';
import type { OpSample } from './sample.ts';

const shapes = (...all: number[][]): OpSample['inputs'] => all.map((shape) => ({ shape, low: -1, high: 1 }));
const joined = (parts: readonly Tensor[]): Tensor => cat(parts.map((part) => part.flatten()));
const noBias = { biasIh: null, biasHh: null };

/** All results of recurrent operations, on sequences of equal and of falling lengths. */
export const recurrentSamples: readonly OpSample[] = [
  {
    op: 'lstm',
    title: 'two sequences',
    inputs: shapes([6, 4], [2, 5], [2, 5], [20, 4], [20, 5], [20], [20]),
    run: (x, h, c, weightIh, weightHh, biasIh, biasHh) =>
      joined(lstm(x, [2, 2, 2], h, c, { weightIh, weightHh, biasIh, biasHh, weightHr: null })),
  },
  {
    op: 'lstm',
    title: 'falling lengths, backwards, a projection, no bias',
    inputs: shapes([6, 3], [3, 2], [3, 5], [20, 3], [20, 2], [2, 5]),
    run: (x, h, c, weightIh, weightHh, weightHr) =>
      joined(lstm(x, [3, 2, 1], h, c, { weightIh, weightHh, weightHr, ...noBias }, { reverse: true })),
  },
  {
    op: 'lstm',
    title: 'only the outputs, strided operands, falling lengths',
    inputs: shapes([3, 4], [4, 2], [4, 2], [3, 16], [4, 16]),
    run: (x, h, c, weightIh, weightHh) =>
      lstm(x.t(), [2, 1, 1], h.t(), c.t(), {
        weightIh: weightIh.t(),
        weightHh: weightHh.t(),
        weightHr: null,
        ...noBias,
      })[0],
  },
  {
    op: 'gru',
    title: 'two sequences',
    inputs: shapes([6, 4], [2, 5], [15, 4], [15, 5], [15], [15]),
    run: (x, h, weightIh, weightHh, biasIh, biasHh) =>
      joined(gru(x, [2, 2, 2], h, { weightIh, weightHh, biasIh, biasHh })),
  },
  {
    op: 'gru',
    title: 'falling lengths, backwards, no bias',
    inputs: shapes([6, 3], [3, 4], [12, 3], [12, 4]),
    run: (x, h, weightIh, weightHh) =>
      joined(gru(x, [3, 2, 1], h, { weightIh, weightHh, ...noBias }, { reverse: true })),
  },
  {
    op: 'gru',
    title: 'only the last states, strided operands',
    inputs: shapes([3, 4], [4, 2], [3, 12], [4, 12]),
    run: (x, h, weightIh, weightHh) =>
      gru(x.t(), [2, 2], h.t(), { weightIh: weightIh.t(), weightHh: weightHh.t(), ...noBias })[1],
  },
  {
    op: 'rnn',
    title: 'two sequences',
    inputs: shapes([6, 4], [2, 5], [5, 4], [5, 5], [5], [5]),
    run: (x, h, weightIh, weightHh, biasIh, biasHh) =>
      joined(rnn(x, [2, 2, 2], h, { weightIh, weightHh, biasIh, biasHh })),
  },
  {
    op: 'rnn',
    title: 'relu, falling lengths, backwards, no bias',
    inputs: shapes([6, 3], [3, 4], [4, 3], [4, 4]),
    run: (x, h, weightIh, weightHh) =>
      joined(rnn(x, [3, 2, 1], h, { weightIh, weightHh, ...noBias }, { reverse: true, nonlinearity: 'relu' })),
  },
  {
    op: 'rnn',
    title: 'no sequence',
    inputs: shapes([0, 3], [0, 4], [4, 3], [4, 4]),
    run: (x, h, weightIh, weightHh) => joined(rnn(x, [0, 0], h, { weightIh, weightHh, ...noBias })),
  },
];
