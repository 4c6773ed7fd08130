import { fromTypedArray, manualSeed, randint, randn, tensor, type Tensor } from '@gradwire/tensor';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import * as nn from '../src/index.ts';
import type { OnnxOptions } from '../src/onnx/export-onnx.ts';
import { expectSame, runtime } from './onnx-runtime.ts';

const BATCH: OnnxOptions = { dynamicAxes: { input: { 0: 'batch' } } };

/** Layers by the shape of one example; the batch is free. */
const LAYERS: readonly [title: string, make: () => nn.Module, shape: readonly number[]][] = [
  ['Conv1d', () => new nn.Conv1d(2, 4, 3, { stride: 2, padding: 1, groups: 2 }), [2, 9]],
  ['Conv2d, same', () => new nn.Conv2d(2, 3, 4, { padding: 'same', dilation: 2 }), [2, 7, 8]],
  ['Conv2d, circular', () => new nn.Conv2d(2, 3, 3, { padding: 1, paddingMode: 'circular' }), [2, 5, 6]],
  ['Conv2d, reflecting', () => new nn.Conv2d(2, 3, 3, { padding: 2, paddingMode: 'reflect' }), [2, 5, 6]],
  ['Conv3d', () => new nn.Conv3d(1, 2, [2, 3, 2], { padding: [1, 0, 1], bias: false }), [1, 3, 4, 5]],
  ['ConvTranspose1d', () => new nn.ConvTranspose1d(3, 2, 3, { stride: 2, outputPadding: 1 }), [3, 5]],
  ['ConvTranspose2d', () => new nn.ConvTranspose2d(4, 4, 3, { stride: 2, padding: 1, groups: 2 }), [4, 4, 3]],
  ['ConvTranspose3d', () => new nn.ConvTranspose3d(1, 2, 2, { stride: 2, dilation: 2 }), [1, 2, 3, 2]],
  ['MaxPool2d, rounded up', () => new nn.MaxPool2d(3, { stride: 2, padding: 1, ceilMode: true }), [2, 6, 7]],
  ['AvgPool2d, rounded up', () => new nn.AvgPool2d(3, { stride: 2, padding: 1, ceilMode: true }), [2, 6, 7]],
  ['AvgPool1d, padding not counted', () => new nn.AvgPool1d(3, { padding: 1, countIncludePad: false }), [2, 6]],
  ['AdaptiveAvgPool2d', () => new nn.AdaptiveAvgPool2d([3, 2]), [2, 7, 5]],
  ['AdaptiveMaxPool1d', () => new nn.AdaptiveMaxPool1d(3), [2, 7]],
  ['BatchNorm2d', () => new nn.BatchNorm2d(3), [3, 4, 2]],
  ['BatchNorm1d without running moments', () => new nn.BatchNorm1d(3, { trackRunningStats: false }), [3, 4]],
  ['LayerNorm', () => new nn.LayerNorm([3, 4]), [2, 3, 4]],
  ['LayerNorm without weights', () => new nn.LayerNorm(4, { elementwiseAffine: false }), [3, 4]],
  ['GroupNorm', () => new nn.GroupNorm(2, 4), [4, 3, 2]],
  ['InstanceNorm2d', () => new nn.InstanceNorm2d(3, { affine: true }), [3, 4, 2]],
  ['RMSNorm', () => new nn.RMSNorm(5), [2, 5]],
  ['Upsample, bilinear', () => new nn.Upsample({ scaleFactor: 1.5, mode: 'bilinear' }), [2, 4, 5]],
  ['Upsample, bicubic', () => new nn.Upsample({ size: [7, 3], mode: 'bicubic', alignCorners: true }), [2, 4, 5]],
  ['Upsample, nearest', () => new nn.Upsample({ scaleFactor: 2 }), [2, 4, 5]],
  ['PixelShuffle', () => new nn.PixelShuffle(2), [8, 3, 2]],
  ['ReplicationPad2d', () => new nn.ReplicationPad2d([1, 2, 0, 1]), [2, 3, 4]],
  ['ConstantPad1d, cutting off', () => new nn.ConstantPad1d([-1, 2], 0.5), [2, 4]],
  ['Unfold', () => new nn.Unfold(2, { stride: 2, padding: 1 }), [2, 4, 5]],
  ['Fold', () => new nn.Fold([4, 5], 2), [8, 12]],
  ['ChannelShuffle', () => new nn.ChannelShuffle(2), [4, 3]],
  ['LocalResponseNorm', () => new nn.LocalResponseNorm(3), [5, 3, 2]],
  ['LPPool2d', () => new nn.LPPool2d(2, 2), [2, 4, 4]],
  ['Linear with weight normalisation', () => nn.weightNorm(new nn.Linear(3, 4)), [3]],
  ['PReLU', () => new nn.PReLU({ numParameters: 3 }), [3, 4]],
  ['Flatten and Unflatten', () => new nn.Sequential(new nn.Flatten(), new nn.Unflatten(1, [2, 6])), [3, 4]],
  ['Softmax', () => new nn.Softmax({ dim: 1 }), [4, 3]],
  ['TransformerEncoderLayer', () => new nn.TransformerEncoderLayer(8, 2, { batchFirst: true }), [4, 8]],
  ['LSTM', () => new nn.LSTM(3, 4, { batchFirst: true, numLayers: 2, bidirectional: true }), [5, 3]],
  ['LSTM, projected', () => new nn.LSTM(3, 4, { batchFirst: true, projSize: 2, bidirectional: true }), [5, 3]],
  ['GRU', () => new nn.GRU(3, 4, { batchFirst: true, bidirectional: true }), [5, 3]],
  ['RNN', () => new nn.RNN(3, 4, { batchFirst: true, nonlinearity: 'relu', bias: false }), [5, 3]],
  ['LSTMCell', () => new nn.LSTMCell(3, 4), [3]],
];

describe.skipIf(!runtime)('a file of one layer gives what the layer gives, for any batch', () => {
  for (const [title, make, shape] of LAYERS) {
    it(title, async () => {
      manualSeed(3);
      await expectSame(make(), [randn([2, ...shape])], BATCH, [[randn([5, ...shape])], [randn([1, ...shape])]]);
    });
  }

  it('recurrent layers for any length, with states that are given', async () => {
    manualSeed(3);
    const axes = { dynamicAxes: { input0: { 0: 'time', 1: 'batch' }, input1: { 1: 'batch' }, input2: { 1: 'batch' } } };
    const given = (time: number, batch: number): Tensor[] => [
      randn([time, batch, 3]),
      randn([2, batch, 4]),
      randn([2, batch, 4]),
    ];
    await expectSame(new nn.LSTM(3, 4, { numLayers: 2 }), given(3, 2), axes, [given(6, 1), given(1, 4)]);
  });

  it('recurrent layers over packed sequences', async () => {
    manualSeed(3);
    for (const layer of [
      new nn.LSTM(3, 4, { bidirectional: true }),
      new nn.GRU(3, 4, { numLayers: 2 }),
      new nn.RNN(3, 4),
    ]) {
      const packed = nn.packPaddedSequence(randn([5, 3, 3]), [2, 5, 4], { enforceSorted: false });
      await expectSame(layer, [packed]);
    }
  });

  it('MultiheadAttention with a mask of padding, and its weights', async () => {
    manualSeed(3);
    const layer = new nn.MultiheadAttention(8, 2, { batchFirst: true });
    const x = randn([2, 3, 8]);
    const keyPaddingMask = tensor([[0, 0, 1], [0, 1, 1]], { dtype: 'bool' }); // prettier-ignore
    await expectSame(layer, [x, x, x, { keyPaddingMask }]);
    await expectSame(layer, [x, x, x, { keyPaddingMask, needWeights: false }]);
    const blind = tensor([[1, 1, 1], [0, 1, 0]], { dtype: 'bool' }); // prettier-ignore
    await expectSame(layer, [x, x, x, { keyPaddingMask: blind, needWeights: false, isCausal: true }]);
  });

  it('tables: Embedding and EmbeddingBag', async () => {
    manualSeed(3);
    const words = (bags: number): Tensor => randint(0, 6, [bags, 4]);
    await expectSame(new nn.Embedding(6, 3), [words(2)], BATCH, [[words(3)]]);
    for (const mode of ['sum', 'mean', 'max'] as const) {
      await expectSame(new nn.EmbeddingBag(6, 3, { mode, paddingIdx: 2 }), [words(2)], BATCH, [[words(3)]]);
    }
  });

  it('layers of two inputs: Bilinear and CosineSimilarity', async () => {
    manualSeed(3);
    const axes = { dynamicAxes: { input0: { 0: 'batch' }, input1: { 0: 'batch' } } };
    const pair = (batch: number): Tensor[] => [randn([batch, 3]), randn([batch, 4])];
    await expectSame(new nn.Bilinear(3, 4, 2), pair(2), axes, [pair(3)]);
    const alike = (batch: number): Tensor[] => [randn([batch, 3]), randn([batch, 3])];
    await expectSame(new nn.CosineSimilarity(), alike(2), axes, [alike(3)]);
  });

  it('attention of a decoder over memory', async () => {
    manualSeed(3);
    const mask = tensor([[0, 0, 1, 1], [0, 0, 0, 0]], { dtype: 'bool' }); // prettier-ignore
    for (const layer of [new nn.BahdanauAttention(3, 5, 4), new nn.LuongAttention(3, 5, { score: 'concat' })]) {
      await expectSame(layer, [randn([2, 3]), randn([2, 4, 5]), mask]);
    }
  });
});

const ACTIVATIONS: readonly (() => nn.Module)[] = [
  ...[nn.ReLU, nn.LeakyReLU, nn.Tanh, nn.Sigmoid, nn.SiLU, nn.ELU, nn.SELU, nn.Mish, nn.Softsign, nn.LogSigmoid],
  ...[
    nn.Hardtanh,
    nn.ReLU6,
    nn.Hardsigmoid,
    nn.Hardswish,
    nn.GELU,
    nn.CELU,
    nn.RReLU,
    nn.Hardshrink,
    nn.Softshrink,
    nn.Tanhshrink,
  ],
].map((Layer) => () => new Layer());

describe.skipIf(!runtime)('activations', () => {
  it('give the same for any numbers and shapes', async () => {
    const float = fc.float({ min: -40, max: 40, noNaN: true });
    const shapes = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 });
    const inputs = shapes.chain((shape) => {
      const size = shape.reduce((all, n) => all * n, 1);
      return fc
        .array(float, { minLength: size, maxLength: size })
        .map((data) => fromTypedArray(Float32Array.from(data), shape));
    });
    const others = [() => new nn.GELU({ approximate: 'tanh' }), () => new nn.Softplus({ beta: 2, threshold: 5 })];
    const layers = fc.constantFrom(...ACTIVATIONS, ...others);
    await fc.assert(
      fc.asyncProperty(layers, inputs, async (make, x) => void (await expectSame(make(), [x]))),
      { numRuns: 150 },
    );
  });
});
