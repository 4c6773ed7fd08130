import { describe, expect, it } from 'vitest';
import * as nn from '../src/index.ts';

/** Required arguments of layers that take options behind them. */
const REQUIRED: Readonly<Record<string, readonly unknown[]>> = {
  AvgPool1d: [2],
  AvgPool2d: [2],
  AvgPool3d: [2],
  BatchNorm1d: [2],
  BatchNorm2d: [2],
  BatchNorm3d: [2],
  Bilinear: [2, 2, 2],
  Conv1d: [1, 1, 1],
  Conv2d: [1, 1, 1],
  Conv3d: [1, 1, 1],
  ConvTranspose1d: [1, 1, 1],
  ConvTranspose2d: [1, 1, 1],
  ConvTranspose3d: [1, 1, 1],
  Dropout: [0.5],
  Dropout1d: [0.5],
  Dropout2d: [0.5],
  Dropout3d: [0.5],
  Embedding: [2, 2],
  EmbeddingBag: [2, 2],
  GRU: [2, 2],
  GRUCell: [2, 2],
  GroupNorm: [1, 2],
  InstanceNorm1d: [2],
  InstanceNorm2d: [2],
  InstanceNorm3d: [2],
  LSTM: [2, 2],
  LSTMCell: [2, 2],
  LayerNorm: [2],
  Linear: [2, 2],
  LuongAttention: [2, 2],
  MaxPool1d: [2],
  MaxPool2d: [2],
  MaxPool3d: [2],
  MultiheadAttention: [2, 2],
  RMSNorm: [2],
  RNN: [2, 2],
  RNNCell: [2, 2],
  TransformerDecoder: [new nn.TransformerDecoderLayer(2, 1), 1],
  TransformerDecoderLayer: [2, 2],
  TransformerEncoder: [new nn.TransformerEncoderLayer(2, 1), 1],
  TransformerEncoderLayer: [2, 2],
};
const WITHOUT_NUMBERS = [
  'CosineSimilarity',
  'ELU',
  'Flatten',
  'GELU',
  'GLU',
  'Hardtanh',
  'LeakyReLU',
  'LogSoftmax',
  'PReLU',
  'PairwiseDistance',
  'Softmax',
  'Softplus',
  'Upsample',
];
const LOSSES = Object.keys(nn).filter((name) => name.endsWith('Loss') && /^[A-Z]/.test(name));

describe('every layer', () => {
  const names = [...Object.keys(REQUIRED), ...WITHOUT_NUMBERS, ...LOSSES];
  it.each(names)('%s finds an option that it does not have', (name) => {
    const Layer = (nn as unknown as Record<string, new (...inputs: unknown[]) => nn.Module>)[name]!;
    expect(() => new Layer(...(REQUIRED[name] ?? []), {}).eval()).not.toThrow();
    expect(() => new Layer(...(REQUIRED[name] ?? []), { nonsense: 1 }).eval()).toThrow(
      `${name}: unknown option "nonsense"`,
    );
  });
});

it('Transformer finds an option that it does not have', () => {
  const small = { dModel: 2, nhead: 1, numEncoderLayers: 1, numDecoderLayers: 1, dimFeedforward: 2 };
  expect(() => new nn.Transformer(small).eval()).not.toThrow();
  expect(() => new nn.Transformer({ ...small, dim: 2 } as object).eval()).toThrow('Transformer: unknown option "dim"');
});

it('losses take their options', () => {
  expect(() => new nn.CrossEntropyLoss({ labelSmoothing: 0.1, ignoreIndex: 1, reduction: 'sum' }).eval()).not.toThrow();
  expect(() =>
    new nn.TripletMarginLoss({ margin: 1, p: 2, eps: 0, swap: true, reduction: 'none' }).eval(),
  ).not.toThrow();
  expect(() => new nn.CrossEntropyLoss({ label_smoothing: 0.1 } as object).eval()).toThrow(
    'CrossEntropyLoss: unknown option "label_smoothing"; did you mean "labelSmoothing"?',
  );
});
