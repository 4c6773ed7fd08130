import { manualSeed, ShapeError, tensor, type Tensor } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { Softmax2d, Softmin } from '../src/layers/activations.ts';
import { CELU, Hardshrink, RReLU, Softshrink, Tanhshrink, Threshold } from '../src/layers/shrinkage.ts';
import type { Module } from '../src/module.ts';

const rounded = (x: Tensor): number[] => [...x.data()].map((value) => Number(value.toFixed(6)) + 0);

describe('activations are what PyTorch 1.13 computed, with their gradients', () => {
  it.each<[Module & { forward(x: Tensor): Tensor }, number[], number[]]>([
    [new Hardshrink(), [-2, 0, 0, 0, 0, 0, 1.5], [1, 0, 0, 0, 0, 0, 1]],
    [new Softshrink(), [-1.5, 0, 0, 0, 0, 0, 1], [1, 0, 0, 0, 0, 0, 1]],
    [
      new Tanhshrink(),
      [-1.035972, -0.037883, -0.002625, 0, 0.008687, 0.037883, 0.594852],
      [0.929349, 0.213552, 0.038957, 0, 0.084863, 0.213552, 0.819293],
    ],
    [new Threshold(0.3, -1), [-1, -1, -1, -1, -1, 0.5, 1.5], [0, 0, 0, 0, 0, 1, 1]],
    [
      new CELU({ alpha: 0.5 }),
      [-0.490842, -0.31606, -0.16484, 0, 0.3, 0.5, 1.5],
      [0.018316, 0.367879, 0.67032, 1, 1, 1, 1],
    ],
    [
      new RReLU().eval(),
      [-0.458333, -0.114583, -0.045833, 0, 0.3, 0.5, 1.5],
      [0.229167, 0.229167, 0.229167, 0.229167, 1, 1, 1],
    ],
  ])('%#', (layer, values, slopes) => {
    const x = tensor([-2, -0.5, -0.2, 0, 0.3, 0.5, 1.5], { dtype: 'float64', requiresGrad: true });
    const y = layer.forward(x);
    expect(rounded(y)).toEqual(values);
    y.sum().backward();
    expect(rounded(x.grad!)).toEqual(slopes);
  });

  it('Softmin and Softmax2d', () => {
    const x = tensor([-2, -0.5, -0.2, 0, 0.3, 0.5, 1.5], { dtype: 'float64' });
    const expected = [0.575935, 0.128509, 0.095201, 0.077944, 0.057743, 0.047276, 0.017392];
    expect(rounded(new Softmin({ dim: 0 }).forward(x))).toEqual(expected);
    expect(rounded(new Softmax2d().forward(x.neg().reshape([1, 7, 1, 1])))).toEqual(expected);
  });
});

it('RReLU draws slopes between its bounds in training, and the gradient has them too', () => {
  manualSeed(2);
  const x = tensor(new Array<number>(500).fill(-1), { requiresGrad: true });
  const y = new RReLU({ lower: 0.25, upper: 0.5 }).forward(x);
  const slopes = [...y.neg().data()];
  expect([Math.min(...slopes) >= 0.25, Math.max(...slopes) < 0.5]).toEqual([true, true]);
  expect(new Set(slopes).size).toBeGreaterThan(490);
  y.sum().backward();
  expect([...x.grad!.data()]).toEqual(slopes);
});

it('Softmax2d refuses what has no channels', () => {
  expect(() => new Softmax2d().forward(tensor([1, 2]))).toThrow(ShapeError);
});
