import { ShapeError, tensor } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import {
  CircularPad1d,
  ConstantPad1d,
  ReflectionPad1d,
  ReplicationPad1d,
  Unflatten,
  ZeroPad1d,
  ZeroPad2d,
  type Module,
} from '../src/index.ts';

describe('padding layers', () => {
  const x = tensor([[1, 2, 3]]);
  it.each<[string, Module, number[]]>([
    ['zeros', new ZeroPad1d(1), [0, 1, 2, 3, 0]],
    ['a constant', new ConstantPad1d([0, 2], 7), [1, 2, 3, 7, 7]],
    ['the mirrored signal', new ReflectionPad1d([2, 1]), [3, 2, 1, 2, 3, 2]],
    ['its last element', new ReplicationPad1d([1, 2]), [1, 1, 2, 3, 3, 3]],
    ['its other end', new CircularPad1d([2, 1]), [2, 3, 1, 2, 3, 1]],
    ['less of it where padding is negative', new ZeroPad1d([-1, 1]), [2, 3, 0]],
  ])('put %s around a signal', (_, layer, expected) => {
    expect((layer as ZeroPad1d).forward(x).toArray()).toEqual([expected]);
  });

  it('take the sides of the last dimension first', () => {
    expect(new ZeroPad2d([1, 0, 0, 2]).forward(tensor([[[1]]])).toArray()).toEqual([
      [
        [0, 1],
        [0, 0],
        [0, 0],
      ],
    ]);
  });

  it('refuse padding that is not whole, or not for their dimensions', () => {
    expect(() => new ZeroPad2d([1, 2])).toThrow(ShapeError);
    expect(() => new ZeroPad2d([1, 2])).toThrow('ZeroPad2d: padding must be a whole number, or 4 of them, got [1,2]');
    expect(() => new CircularPad1d(0.5)).toThrow('got 0.5');
  });
});

it('Unflatten splits a dimension, one size of it left open', () => {
  const x = tensor([[1, 2, 3, 4, 5, 6]]);
  expect(new Unflatten(1, [-1, 2]).forward(x).shape).toEqual([1, 3, 2]);
  expect(() => new Unflatten(1, [4, 2]).forward(x)).toThrow(ShapeError);
});
