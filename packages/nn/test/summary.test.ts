import type { Tensor } from '@gradwire/tensor';
import { memoryUsage, ones } from '@gradwire/tensor';
import { expect, it } from 'vitest';
import { Linear } from '../src/layers/linear.ts';
import { Module } from '../src/module.ts';
import { leNet, NamedNet } from './networks.ts';

it('summary lists layers, output shapes and parameters', () => {
  expect(leNet().summary([1, 1, 28, 28])).toBe(
    [
      'layer  type       output shape     parameters',
      '─────────────────────────────────────────────',
      '0      Conv2d     [1, 6, 28, 28]          156',
      '1      ReLU       [1, 6, 28, 28]            0',
      '2      MaxPool2d  [1, 6, 14, 14]            0',
      '3      Conv2d     [1, 16, 10, 10]       2,416',
      '4      ReLU       [1, 16, 10, 10]           0',
      '5      MaxPool2d  [1, 16, 5, 5]             0',
      '6      Flatten    [1, 400]                  0',
      '7      Linear     [1, 120]             48,120',
      '8      ReLU       [1, 120]                  0',
      '9      Linear     [1, 84]              10,164',
      '10     ReLU       [1, 84]                   0',
      '11     Linear     [1, 10]                 850',
      '61,706 parameters, 61,706 trained, 0.24 MiB',
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
