import type { Tensor } from '@gradwire/tensor';
import { memoryUsage, ones, tensor } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { ReLU } from '../src/layers/activations.ts';
import { BatchNorm1d } from '../src/layers/batch-norm.ts';
import { Bilinear } from '../src/layers/bilinear.ts';
import { ConvTranspose1d } from '../src/layers/conv-transpose.ts';
import { Conv2d } from '../src/layers/convolution.ts';
import { Embedding } from '../src/layers/embedding.ts';
import { Flatten } from '../src/layers/flatten.ts';
import { LayerNorm } from '../src/layers/layer-norm.ts';
import { Linear } from '../src/layers/linear.ts';
import { MultiheadAttention } from '../src/layers/multihead-attention.ts';
import { Sequential } from '../src/layers/sequential.ts';
import { Module } from '../src/module.ts';
import { GRUCell } from '../src/recurrent/cells.ts';
import { LSTM } from '../src/recurrent/lstm.ts';
import { RNN } from '../src/recurrent/rnn.ts';
import { leNet, NamedNet } from './networks.ts';

it('summary lists layers, output shapes, parameters, FLOPs and bytes', () => {
  expect(leNet().summary([1, 1, 28, 28])).toBe(
    [
      'layer  type       output shape     parameters    FLOPs  output bytes',
      '────────────────────────────────────────────────────────────────────',
      '0      Conv2d     [1, 6, 28, 28]          156  235,200        18,816',
      '1      ReLU       [1, 6, 28, 28]            0        0        18,816',
      '2      MaxPool2d  [1, 6, 14, 14]            0        0         4,704',
      '3      Conv2d     [1, 16, 10, 10]       2,416  480,000         6,400',
      '4      ReLU       [1, 16, 10, 10]           0        0         6,400',
      '5      MaxPool2d  [1, 16, 5, 5]             0        0         1,600',
      '6      Flatten    [1, 400]                  0        0             0',
      '7      Linear     [1, 120]             48,120   96,000           480',
      '8      ReLU       [1, 120]                  0        0           480',
      '9      Linear     [1, 84]              10,164   20,160           336',
      '10     ReLU       [1, 84]                   0        0           336',
      '11     Linear     [1, 10]                 850    1,680            40',
      '61,706 parameters, 61,706 trained, 0.24 MiB',
      '833,040 FLOPs (a multiply-add counts as 2; biases, activations and pooling are left out), outputs 0.06 MiB',
    ].join('\n'),
  );
});

it('summary without an input leaves the shapes out, and counts what is trained', () => {
  const net = new NamedNet();
  net.conv1.weight.requiresGrad_(false);
  const lines = net.summary().split('\n');
  expect(lines.slice(2)).toEqual([
    'conv1   Conv2d                         20',
    'head.0  Flatten                         0',
    'head.1  Linear                        216',
    '236 parameters, 218 trained, 0.00 MiB',
  ]);
});

it('summary leaves the model, and memory, as they were', () => {
  const net = leNet();
  const x = ones([1, 1, 28, 28]);
  const before = net.forward(x).toArray();
  const { longLivedBytes } = memoryUsage();
  net.summary([1, 1, 28, 28]);
  expect(memoryUsage().longLivedBytes).toBe(longLivedBytes);
  expect(net.forward(x).toArray()).toEqual(before);
  expect(() => net.summary([1, 2, 28, 28])).toThrow('0 (Conv2d): conv2d: x [1, 2, 28, 28] has 2 channels');
  expect(net.forward(x).toArray()).toEqual(before);
});

it('summary sees a forward that is a field of the layer', () => {
  class FieldNet extends Module {
    readonly fc = new Linear(2, 1);
    override forward = (x: Tensor): Tensor => this.fc.forward(x);
  }
  class Doubling extends Module {
    override forward = (x: Tensor): Tensor => x.mul(2);
  }
  const [net, doubling] = [new FieldNet(), new Doubling()];
  expect(doubling.summary([3])).toContain('[3]');
  expect(net.summary([1, 2])).toContain('[1, 1]');
  expect(doubling.forward(ones([1])).item()).toBe(2);
});

/** Column `at` of the row of a layer, counted after its path. */
function cell(summary: string, path: string, at: number): string | undefined {
  const row = summary.split('\n').find((line) => line.startsWith(`${path} `));
  return row?.split(/ {2,}/)[at + 1];
}

const FLOPS = 3;

describe('FLOPs', () => {
  it.each([
    ['a linear map', new Linear(3, 4), [2, 5, 3], 2 * 10 * 3 * 4],
    [
      'a bilinear map',
      new Bilinear(3, 4, 5),
      [
        [2, 3],
        [2, 4],
      ],
      2 * 12 * (1 + 2 * 5),
    ],
    ['groups and strides', new Conv2d(4, 6, 3, { groups: 2, stride: 2 }), [2, 4, 7, 7], 2 * (2 * 6 * 9) * (2 * 9)],
    ['a convolution of one image', new Conv2d(1, 2, 3, { padding: 'same' }), [1, 5, 5], 2 * (2 * 25) * 9],
    [
      'a transposed convolution',
      new ConvTranspose1d(2, 6, 4, { groups: 2, stride: 3 }),
      [3, 2, 5],
      2 * (3 * 2 * 5) * (3 * 4),
    ],
    ['a plain recurrent layer', new RNN(3, 5), [7, 2, 3], 2 * 14 * (5 * 3 + 5 * 5)],
    [
      'two projected LSTM layers in two directions',
      new LSTM(3, 5, { numLayers: 2, bidirectional: true, projSize: 2 }),
      [7, 2, 3],
      2 * 14 * 2 * (20 * 3 + 20 * 2 + 2 * 5 + (20 * 4 + 20 * 2 + 2 * 5)),
    ],
    ['a cell', new GRUCell(3, 5), [2, 3], 2 * 2 * (15 * 3 + 15 * 5)],
    ['batch normalisation', new BatchNorm1d(4), [2, 4], 2 * 8],
    ['layer normalisation', new LayerNorm(4), [2, 4], 6 * 8],
    ['an activation', new ReLU(), [2, 4], 0],
  ] as const)('of %s', (_, layer, input, flops) => {
    expect(cell(layer.summary(input), '(model)', FLOPS)).toBe(flops.toLocaleString('en-US'));
  });

  it('of attention are those of projections, scores and means; the last projection has its own row', () => {
    const attention = new MultiheadAttention(8, 2, { kdim: 3, vdim: 5, addBiasKv: true });
    const summary = attention.summary([
      [4, 2, 8],
      [6, 2, 3],
      [6, 2, 5],
    ]);
    const projections = 2 * 8 * (4 * 2 * 8 + 6 * 2 * 3 + 6 * 2 * 5);
    const attending = 2 * 2 * (2 * 4 * 7 * 8); // 7 keys: one is learned
    expect(cell(summary, '(model)', FLOPS)).toBe((projections + attending).toLocaleString('en-US'));
    expect(cell(summary, 'out_proj', FLOPS)).toBe((2 * 4 * 2 * 8 * 8).toLocaleString('en-US'));
    expect(cell(summary, '(model)', 1)).toBe('[4, 2, 8] [2, 4, 7]');
  });

  it('of a layer that is used twice count twice, its parameters once', () => {
    const twice = new Linear(3, 3, { bias: false });
    const lines = new Sequential(twice, new ReLU(), twice).summary([1, 3]).split('\n');
    expect(lines).toHaveLength(6);
    expect(lines[2]).toMatch(/0 +Linear +\[1, 3\] +9 +36 +24/);
    expect(lines[4]).toBe('9 parameters, 9 trained, 0.00 MiB');
    expect(lines[5]).toContain('36 FLOPs');
  });
});

it('summary takes integer tokens, several inputs, and lists that tensors and shapes share', () => {
  class Model extends Module {
    readonly words = new Embedding(10, 4);
    readonly mix = new Bilinear(4, 2, 3);
    forward(tokens: Tensor, features: Tensor): Tensor {
      return this.mix.forward(this.words.forward(tokens), features);
    }
  }
  const summary = new Model().summary([tensor([1, 2, 9], { dtype: 'int32' }), [3, 2]]);
  expect(cell(summary, 'words', 1)).toBe('[3, 4]');
  expect(cell(summary, 'mix', 1)).toBe('[3, 3]');
});

it('summary runs in evaluation, and leaves each layer in its mode', () => {
  const net = new Sequential(new BatchNorm1d(2), new Linear(2, 2));
  net.children()[1].eval();
  net.summary([3, 2]);
  expect(net.buffers().map((buffer) => buffer.toArray())).toEqual([[0, 0], [1, 1], 0]);
  expect(net.modules().map(({ training }) => training)).toEqual([true, true, false]);
});

it('summary counts what views share once, and float64 as eight bytes', () => {
  const summary = new Sequential(new Flatten(), new Linear(4, 2)).summary(ones([1, 2, 2]));
  expect(cell(summary, '0', 4)).toBe('0');
  expect(cell(summary, '1', 4)).toBe('8');
  expect(cell(new ReLU().summary(ones([3], { dtype: 'float64' })), '(model)', 4)).toBe('24');
});
