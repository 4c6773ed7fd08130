import { manualSeed, randint, randn, tensor } from '@gradwire/tensor';
import { beforeEach, describe, it } from 'vitest';
import * as nn from '../src/index.ts';
import { expectSame, runtime } from './onnx-runtime.ts';

const BATCH = { dynamicAxes: { input: { 0: 'batch' } } };

describe.skipIf(!runtime)('a file of a whole model gives what the model gives', () => {
  beforeEach(() => manualSeed(7));

  it('MLP', async () => {
    const model = new nn.Sequential(new nn.Linear(6, 10), new nn.ReLU(), new nn.Dropout(0.5), new nn.Linear(10, 3));
    await expectSame(model, [randn([4, 6])], BATCH, [[randn([9, 6])], [randn([1, 6])]]);
  });

  it('LeNet', async () => {
    const model = new nn.Sequential(
      new nn.Conv2d(1, 6, 5, { padding: 2 }),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Conv2d(6, 16, 5),
      new nn.ReLU(),
      new nn.AvgPool2d(2),
      new nn.Flatten(),
      new nn.Linear(400, 10),
    );
    await expectSame(model, [randn([2, 1, 28, 28])], BATCH, [[randn([5, 1, 28, 28])]]);
  });

  it('ResNet-20 for CIFAR', async () => {
    await expectSame(nn.resnetCifar({ depth: 20 }), [randn([2, 3, 32, 32])], BATCH, [[randn([3, 3, 32, 32])]]);
  });

  it('a residual network of basic blocks and bottlenecks', async () => {
    const model = new nn.Sequential(
      new nn.Conv2d(3, 8, 7, { stride: 2, padding: 3, bias: false }),
      new nn.BatchNorm2d(8),
      new nn.ReLU(),
      new nn.MaxPool2d(3, { stride: 2, padding: 1 }),
      new nn.BasicBlock(8, 16, 2),
      new nn.Bottleneck(16, 8, 2),
      new nn.AdaptiveAvgPool2d(1),
      new nn.Flatten(),
      new nn.Linear(32, 5),
    );
    await expectSame(model, [randn([1, 3, 40, 40])], BATCH, [[randn([2, 3, 40, 40])]]);
  });

  it('a convolutional network, for images of any size', async () => {
    const model = new nn.Sequential(
      new nn.Conv2d(3, 4, 7, { stride: 4, padding: 3 }),
      new nn.GroupNorm(2, 4),
      new nn.AvgPool2d(2, { stride: 1 }),
      new nn.Upsample({ scaleFactor: 2 }),
      new nn.MaxPool2d(3, { stride: 2, padding: 1 }),
      new nn.AdaptiveAvgPool2d(1),
      new nn.Flatten(),
      new nn.Linear(4, 5),
    );
    const axes = { dynamicAxes: { input: { 0: 'batch', 2: 'height', 3: 'width' } } };
    await expectSame(model, [randn([2, 3, 32, 24])], axes, [[randn([1, 3, 33, 64])], [randn([3, 3, 65, 21])]]);
  });

  it('a network from images to images, of any size', async () => {
    const model = new nn.Sequential(
      new nn.Conv2d(1, 4, 3, { padding: 'same' }),
      new nn.BatchNorm2d(4),
      new nn.PixelShuffle(2),
      new nn.Upsample({ scaleFactor: 2, mode: 'bilinear', alignCorners: true }),
      new nn.ConvTranspose2d(1, 1, 2, { stride: 2 }),
    );
    const axes = { dynamicAxes: { input: { 0: 'batch', 2: 'height', 3: 'width' } } };
    await expectSame(model, [randn([1, 1, 5, 4])], axes, [[randn([2, 1, 3, 8])]]);
  });

  it('GPT, for any number of texts of any length', async () => {
    const model = new nn.GPT({ vocabSize: 17, contextLength: 16, layers: 2, heads: 2, width: 8 });
    const axes = { dynamicAxes: { input: { 0: 'batch', 1: 'time' } } };
    await expectSame(model, [randint(0, 17, [2, 5])], axes, [[randint(0, 17, [3, 16])], [randint(0, 17, [1, 1])]]);
  });

  it('Llama, for any number of texts of any length, also padded ones', async () => {
    const model = new nn.Llama({ vocabSize: 17, contextLength: 16, layers: 2, heads: 4, keyValueHeads: 2, width: 16 });
    const axes = { dynamicAxes: { input: { 0: 'batch', 1: 'time' } } };
    await expectSame(model, [randint(0, 17, [2, 5])], axes, [[randint(0, 17, [3, 16])], [randint(0, 17, [1, 1])]]);
    const padded = { input0: { 0: 'batch', 1: 'time' }, input1: { 0: 'batch', 1: 'time' } };
    const mask = (rows: number[][]) => ({ keyPaddingMask: tensor(rows, { dtype: 'bool' }) });
    await expectSame(
      model,
      [randint(0, 17, [2, 4]), mask([[1, 1, 0, 0], [0, 0, 0, 0]])], // prettier-ignore
      { dynamicAxes: padded },
      [[randint(0, 17, [3, 2]), mask([[1, 0], [0, 0], [0, 0]])]], // prettier-ignore
    );
  });

  it('GPT with padding, for its last place only', async () => {
    const model = new nn.GPT({ vocabSize: 9, contextLength: 8, layers: 1, heads: 2, width: 8, tieWeights: false });
    const keyPaddingMask = tensor([[1, 0, 0], [0, 0, 0]], { dtype: 'bool' }); // prettier-ignore
    await expectSame(model, [randint(0, 9, [2, 3]), { keyPaddingMask, lastOnly: true }]);
  });

  it('encoder-decoders, for sources of given lengths', async () => {
    for (const [cell, attention] of [
      ['LSTM', 'general'],
      ['GRU', 'bahdanau'],
      ['LSTM', null],
    ] as const) {
      // prettier-ignore
      const encoder = new nn.Seq2SeqEncoder(11, 4, 6, { cell, bidirectional: true });
      const model = new nn.Seq2Seq(encoder, new nn.Seq2SeqDecoder(13, 4, 6, { cell, attention }));
      await expectSame(model, [randint(0, 11, [3, 5]), [5, 2, 4], randint(0, 13, [3, 4])]);
    }
  });

  it('Transformer', async () => {
    const model = new nn.Transformer({
      dModel: 8,
      nhead: 2,
      numEncoderLayers: 2,
      numDecoderLayers: 2,
      dimFeedforward: 16,
      batchFirst: true,
    });
    const axes = { dynamicAxes: { input0: { 0: 'batch', 1: 'from' }, input1: { 0: 'batch', 1: 'to' } } };
    await expectSame(model, [randn([2, 5, 8]), randn([2, 4, 8]), { tgtIsCausal: true }], axes, [
      [randn([3, 2, 8]), randn([3, 7, 8]), { tgtIsCausal: true }],
    ]);
  });
});
