import { tensor, zeros, type Tensor } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import {
  GRU,
  LSTM,
  packPaddedSequence,
  padPackedSequence,
  padSequence,
  packSequence,
  RNN,
  type LstmOptions,
  type RnnOptions,
} from '../src/index.ts';

type Form = 'padded' | 'packed' | 'unbatched' | 'states';
type Options = LstmOptions & RnnOptions;

/**
 * Kind, options, form of the input, shape of the output, and four sums over all outputs, gradients of parameters, of the
 * input and of the initial states; computed by PyTorch 1.13 in float64 from the same waves.
 */
const CASES: readonly [keyof typeof KINDS, Options, Form, number[], number[]][] = [
  [
    'RNN',
    { numLayers: 2, bidirectional: true, batchFirst: true },
    'padded',
    [3, 4, 10],
    [2.268191, 6.726765, 3.415172, 0],
  ],
  [
    'RNN',
    { numLayers: 2, bidirectional: true, batchFirst: true },
    'packed',
    [3, 5, 10],
    [3.119906, 0.301916, -0.50578, -2.715972],
  ],
  [
    'RNN',
    { numLayers: 2, bidirectional: true, batchFirst: true },
    'unbatched',
    [4, 10],
    [0.02189, 1.110654, 1.027918, 0],
  ],
  [
    'RNN',
    { numLayers: 2, bidirectional: true, batchFirst: true },
    'states',
    [3, 4, 10],
    [-1.790417, 11.14392, 5.824059, -0.565679],
  ],
  ['RNN', { bias: false, bidirectional: true }, 'padded', [4, 3, 10], [-4.070823, 11.722292, 8.134295, 0]],
  ['RNN', { bias: false, bidirectional: true }, 'packed', [5, 3, 10], [-2.380905, 9.731346, 2.627375, 0.129483]],
  ['RNN', { bias: false, bidirectional: true }, 'unbatched', [4, 10], [2.22874, 0.729236, 3.903923, 0]],
  ['RNN', { bias: false, bidirectional: true }, 'states', [4, 3, 10], [-3.403348, 14.457329, 8.757466, 0.960365]],
  ['RNN', { numLayers: 3 }, 'padded', [4, 3, 5], [-2.362968, -5.684108, -0.736036, 0]],
  ['RNN', { numLayers: 3 }, 'packed', [5, 3, 5], [-2.570929, -4.916378, -0.705898, -0.15261]],
  ['RNN', { numLayers: 3 }, 'unbatched', [4, 5], [0.421097, 7.45744, 0.420213, 0]],
  ['RNN', { numLayers: 3 }, 'states', [4, 3, 5], [-2.206627, -2.334969, -0.612707, -0.086627]],
  ['RNN', { batchFirst: true, bias: false }, 'padded', [3, 4, 5], [1.084942, 0.49056, -0.36317, 0]],
  ['RNN', { batchFirst: true, bias: false }, 'packed', [3, 5, 5], [6.981902, -2.102256, -0.456802, 0.675432]],
  ['RNN', { batchFirst: true, bias: false }, 'unbatched', [4, 5], [-2.030574, -1.066724, -0.902537, 0]],
  ['RNN', { batchFirst: true, bias: false }, 'states', [3, 4, 5], [0.933089, -1.243803, -0.366226, -0.227569]],
  ['RNN', { nonlinearity: 'relu', numLayers: 2 }, 'padded', [4, 3, 5], [-3.068504, 0.034195, -0.377919, 0]],
  ['RNN', { nonlinearity: 'relu', numLayers: 2 }, 'packed', [5, 3, 5], [-3.240709, 0.513248, -2.28007, -1.582581]],
  ['RNN', { nonlinearity: 'relu', numLayers: 2 }, 'unbatched', [4, 5], [-1.419375, -0.482614, -0.081745, 0]],
  ['RNN', { nonlinearity: 'relu', numLayers: 2 }, 'states', [4, 3, 5], [-2.759397, 10.436421, -1.206595, -1.084457]],
  [
    'LSTM',
    { numLayers: 2, bidirectional: true, batchFirst: true },
    'padded',
    [3, 4, 10],
    [-0.062916, 2.895052, 2.113746, 0],
  ],
  [
    'LSTM',
    { numLayers: 2, bidirectional: true, batchFirst: true },
    'packed',
    [3, 5, 10],
    [3.303177, 2.50002, 1.418491, 8.14562],
  ],
  [
    'LSTM',
    { numLayers: 2, bidirectional: true, batchFirst: true },
    'unbatched',
    [4, 10],
    [-0.784264, -13.023716, -0.051022, 0],
  ],
  [
    'LSTM',
    { numLayers: 2, bidirectional: true, batchFirst: true },
    'states',
    [3, 4, 10],
    [-0.504062, 3.349067, 2.057886, 0.254178],
  ],
  ['LSTM', { bias: false, bidirectional: true }, 'padded', [4, 3, 10], [0.004069, 0.524998, 4.204474, 0]],
  ['LSTM', { bias: false, bidirectional: true }, 'packed', [5, 3, 10], [0.333701, 0.828336, 1.858249, 3.346088]],
  ['LSTM', { bias: false, bidirectional: true }, 'unbatched', [4, 10], [-0.374951, -0.544778, 2.412005, 0]],
  ['LSTM', { bias: false, bidirectional: true }, 'states', [4, 3, 10], [-0.054862, 1.053883, 3.803395, 0.760122]],
  ['LSTM', { numLayers: 3 }, 'padded', [4, 3, 5], [1.150386, -1.863047, 0.163275, 0]],
  ['LSTM', { numLayers: 3 }, 'packed', [5, 3, 5], [3.560588, 1.848084, 0.232144, 4.839606]],
  ['LSTM', { numLayers: 3 }, 'unbatched', [4, 5], [-0.07099, -10.204937, 0.176221, 0]],
  ['LSTM', { numLayers: 3 }, 'states', [4, 3, 5], [1.036839, -0.957909, 0.173639, 0.601424]],
  ['LSTM', { batchFirst: true, bias: false }, 'padded', [3, 4, 5], [-0.113642, -0.789397, 1.618933, 0]],
  ['LSTM', { batchFirst: true, bias: false }, 'packed', [3, 5, 5], [0.735757, 0.410586, 0.340599, 0.989294]],
  ['LSTM', { batchFirst: true, bias: false }, 'unbatched', [4, 5], [-0.284447, -1.008786, 0.66805, 0]],
  ['LSTM', { batchFirst: true, bias: false }, 'states', [3, 4, 5], [-0.349373, -0.45609, 1.409232, 1.289896]],
  ['LSTM', { projSize: 2, bidirectional: true, numLayers: 2 }, 'padded', [4, 3, 4], [1.269743, 1.592009, 0.146381, 0]],
  [
    'LSTM',
    { projSize: 2, bidirectional: true, numLayers: 2 },
    'packed',
    [5, 3, 4],
    [2.535373, 1.468368, 0.920575, 4.957064],
  ],
  [
    'LSTM',
    { projSize: 2, bidirectional: true, numLayers: 2 },
    'unbatched',
    [4, 4],
    [2.054326, -7.649519, -0.065665, 0],
  ],
  [
    'LSTM',
    { projSize: 2, bidirectional: true, numLayers: 2 },
    'states',
    [4, 3, 4],
    [1.205544, 0.88684, 0.098114, 1.521677],
  ],
  [
    'GRU',
    { numLayers: 2, bidirectional: true, batchFirst: true },
    'padded',
    [3, 4, 10],
    [0.226005, 4.76612, 0.592494, 0],
  ],
  [
    'GRU',
    { numLayers: 2, bidirectional: true, batchFirst: true },
    'packed',
    [3, 5, 10],
    [4.524633, -2.171356, 1.082967, 4.374568],
  ],
  [
    'GRU',
    { numLayers: 2, bidirectional: true, batchFirst: true },
    'unbatched',
    [4, 10],
    [0.365962, -4.834982, -0.19091, 0],
  ],
  [
    'GRU',
    { numLayers: 2, bidirectional: true, batchFirst: true },
    'states',
    [3, 4, 10],
    [-0.380155, 5.329096, 0.800038, -1.271705],
  ],
  ['GRU', { bias: false, bidirectional: true }, 'padded', [4, 3, 10], [0.08534, -1.444675, 8.735852, 0]],
  ['GRU', { bias: false, bidirectional: true }, 'packed', [5, 3, 10], [1.149613, 0.83774, 5.262551, 4.517198]],
  ['GRU', { bias: false, bidirectional: true }, 'unbatched', [4, 10], [0.344253, 1.969197, 3.169326, 0]],
  ['GRU', { bias: false, bidirectional: true }, 'states', [4, 3, 10], [-0.066385, -0.758079, 8.612496, 1.177941]],
  ['GRU', { numLayers: 3 }, 'padded', [4, 3, 5], [0.148059, 0.373122, -0.148301, 0]],
  ['GRU', { numLayers: 3 }, 'packed', [5, 3, 5], [2.410235, 5.467258, -0.29676, 4.217437]],
  ['GRU', { numLayers: 3 }, 'unbatched', [4, 5], [0.673408, -3.54761, 0.292751, 0]],
  ['GRU', { numLayers: 3 }, 'states', [4, 3, 5], [0.840616, 3.768814, -0.152804, 4.015079]],
  ['GRU', { batchFirst: true, bias: false }, 'padded', [3, 4, 5], [0.304892, -0.312551, 0.90259, 0]],
  ['GRU', { batchFirst: true, bias: false }, 'packed', [3, 5, 5], [2.782547, -1.249557, 0.661953, 2.788159]],
  ['GRU', { batchFirst: true, bias: false }, 'unbatched', [4, 5], [-0.111086, -0.237362, 0.380407, 0]],
  ['GRU', { batchFirst: true, bias: false }, 'states', [3, 4, 5], [0.441914, -0.114102, 0.510443, 2.26987]],
];

const KINDS = { RNN, LSTM, GRU };

function wave(shape: readonly number[], k: number, size = 0.5): Tensor {
  const count = shape.reduce((product, n) => product * n, 1);
  return tensor(Array.from({ length: count }, (_, i) => size * Math.sin(1.7 * i + k))).reshape(shape);
}

/** A sum over x that no exchange of elements leaves as it is. */
function probe(x: Tensor, k: number): Tensor {
  return x
    .flatten()
    .mul(tensor(Array.from({ length: x.size }, (_, i) => Math.cos(0.9 * i + k))))
    .sum();
}

function measure(kind: keyof typeof KINDS, options: Options, form: Form): { shape: readonly number[]; sums: number[] } {
  const layer = new KINDS[kind](3, 5, options);
  layer.parameters().forEach((parameter, k) => parameter.view().set(wave(parameter.shape, k).data()));
  const [time, batch] = [4, 3];
  const { batchFirst = false, bidirectional = false, numLayers = 1, projSize = 5 } = options;
  const shape = form === 'unbatched' ? [time, 3] : batchFirst ? [batch, time, 3] : [time, batch, 3];
  const x = wave(shape, 0.3, 1).detach().requiresGrad_();
  const sizes = kind === 'LSTM' ? [projSize, 5] : [projSize];
  const states =
    form === 'padded' || form === 'unbatched'
      ? []
      : sizes.map((size, i) =>
          wave([numLayers * (bidirectional ? 2 : 1), batch, size], i + 0.1)
            .detach()
            .requiresGrad_(),
        );
  const forward = layer.forward.bind(layer) as (x: unknown, ...states: Tensor[]) => [unknown, ...Tensor[]];
  const [first, ...last] = forward(
    form === 'packed' ? packPaddedSequence(x, [2, 4, 1], { batchFirst, enforceSorted: false }) : x,
    ...states,
  );
  const output =
    form === 'packed'
      ? padPackedSequence(first as ReturnType<typeof packPaddedSequence>, {
          batchFirst,
          totalLength: 5,
          paddingValue: 0.25,
        })[0]
      : (first as Tensor);
  const loss = [output, ...last].map(probe).reduce((sum, term) => sum.add(term));
  loss.backward();
  const sumOf = (tensors: readonly Tensor[]): number =>
    tensors.reduce((sum, { grad }, k) => sum + probe(grad!, k).item(), 0);
  return { shape: output.shape, sums: [loss.item(), sumOf(layer.parameters()), sumOf([x]), sumOf(states)] };
}

describe('recurrent layers give what PyTorch gives, forward and backward', () => {
  it.each(CASES)('%s %j, %s', (kind, options, form, shape, expected) => {
    const { shape: actual, sums } = measure(kind, options, form);
    expect(actual).toEqual(shape);
    sums.forEach((sum, i) => expect(Math.abs(sum - expected[i]!)).toBeLessThan(2e-5 * (1 + Math.abs(expected[i]!))));
  });
});

describe('sequences of unequal lengths', () => {
  const sequences = [[1, 2], [3, 4, 5], [6]].map((values) => tensor(values));

  it('are padded at their ends, with time first or the batch first', () => {
    expect(padSequence(sequences, { batchFirst: true, paddingValue: -1 }).toArray()).toEqual([
      [1, 2, -1],
      [3, 4, 5],
      [6, -1, -1],
    ]);
    expect(padSequence(sequences).shape).toEqual([3, 3]);
  });

  it('are packed by time steps, the longest first, and come back in their order', () => {
    const packed = packSequence(sequences, { enforceSorted: false });
    expect(packed.data.toArray()).toEqual([3, 1, 6, 4, 2, 5]);
    expect(packed.batchSizes).toEqual([3, 2, 1]);
    const [padded, lengths] = padPackedSequence(packed, { batchFirst: true, totalLength: 4 });
    expect(lengths).toEqual([2, 3, 1]);
    expect(padded.toArray()).toEqual([
      [1, 2, 0, 0],
      [3, 4, 5, 0],
      [6, 0, 0, 0],
    ]);
  });

  it('must fall in length, lie within the padding and fit totalLength', () => {
    expect(() => packSequence(sequences)).toThrow(/lengths \[2, 3, 1\] do not fall/);
    expect(() => packPaddedSequence(padSequence(sequences), [3, 2, 0])).toThrow(/whole numbers from 1 to 3/);
    const packed = packSequence(sequences, { enforceSorted: false });
    expect(() => padPackedSequence(packed, { totalLength: 2 })).toThrow(/totalLength 2 is less than 3/);
  });
});

describe('a recurrent layer', () => {
  it('names the shape that it expects of inputs and states', () => {
    expect(() => new LSTM(3, 5).forward(zeros([4, 2, 7]))).toThrow(/\[4, 2, 7\] must be \[T, N, 3\]/);
    expect(() => new GRU(3, 5).forward(zeros([4, 2, 3]), zeros([2, 2, 5]))).toThrow(
      /h \[2, 2, 5\] must be \[1, 2, 5\]/,
    );
  });

  it('drops outputs between layers in training only', () => {
    const layer = new GRU(3, 5, { numLayers: 2, dropout: 0.5 });
    const x = wave([4, 2, 3], 0);
    const run = (): number => probe(layer.forward(x)[0], 0).item();
    expect(run()).not.toBe(run());
    layer.eval();
    expect(run()).toBe(run());
  });

  it('drops nothing of the last layer', () => {
    const [output] = new GRU(3, 5, { numLayers: 2, dropout: 0.9 }).forward(wave([4, 2, 3], 0));
    expect([...output.data()].filter((value) => value === 0)).toEqual([]);
  });

  it('gives the gradients of backpropagation through time cut between chunks, where states are detached', () => {
    const layer = new LSTM(3, 5);
    const x = wave([4, 2, 3], 0.3).detach();
    const [, h, c] = layer.forward(x.narrow(0, 0, 2));
    const [whole] = layer.forward(x.narrow(0, 2, 2), h.detach(), c.detach());
    probe(whole, 0).backward();
    const cut = layer.parameters().map((parameter) => parameter.grad!.data());
    layer.zeroGrad();
    const fixed = [h, c].map((state) => tensor(Array.from(state.data())).reshape(state.shape));
    probe(layer.forward(x.narrow(0, 2, 2), ...fixed)[0], 0).backward();
    expect(layer.parameters().map((parameter) => parameter.grad!.data())).toEqual(cut);
  });
});
