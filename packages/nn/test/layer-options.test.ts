import { describe, expect, it } from 'vitest';
import * as nn from '../src/index.ts';

/** Required arguments of layers; those that are not here take none before their options. */
const REQUIRED: Readonly<Record<string, readonly unknown[]>> = {
  AvgPool2d: [2],
  BatchNorm1d: [2],
  BatchNorm2d: [2],
  BatchNorm3d: [2],
  Bilinear: [2, 2, 2],
  Conv2d: [1, 1, 1],
  Embedding: [2, 2],
  EmbeddingBag: [2, 2],
  GroupNorm: [1, 2],
  InstanceNorm1d: [2],
  InstanceNorm2d: [2],
  InstanceNorm3d: [2],
  LayerNorm: [2],
  Linear: [2, 2],
  MaxPool2d: [2],
  RMSNorm: [2],
};
const WITHOUT_NUMBERS = ['Flatten', 'GELU', 'Softmax', 'LeakyReLU', 'CosineSimilarity', 'PairwiseDistance', 'Upsample'];

describe('every layer', () => {
  const names = [...Object.keys(REQUIRED), ...WITHOUT_NUMBERS];
  it.each(names)('%s finds an option that it does not have', (name) => {
    const Layer = (nn as unknown as Record<string, new (...inputs: unknown[]) => nn.Module>)[name]!;
    expect(() => new Layer(...(REQUIRED[name] ?? []), {}).eval()).not.toThrow();
    expect(() => new Layer(...(REQUIRED[name] ?? []), { nonsense: 1 }).eval()).toThrow(
      `${name}: unknown option "nonsense"`,
    );
  });
});
