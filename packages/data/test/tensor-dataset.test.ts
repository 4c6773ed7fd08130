import { describe, expect, it } from 'vitest';
import { empty, fromTypedArray, step } from '@gradwire/tensor';
import { datasetFromHandle } from '../src/dataset.ts';
import { TensorDataset } from '../src/tensor-dataset.ts';

function smallDataset() {
  const x = fromTypedArray(Uint8Array.of(0, 51, 102, 153, 204, 255), [3, 2]);
  const y = fromTypedArray(Int32Array.of(-5, 6, 7), [3]);
  return new TensorDataset({ x, y }, { x: { mean: 0.5, std: 0.25 } });
}

describe('TensorDataset', () => {
  it('makes a batch of the chosen rows, in their order, repeated if asked', () => {
    const { x, y } = smallDataset().batch([2, 0, 2]);
    expect([x.shape, x.dtype]).toEqual([[3, 2], 'float32']);
    expect([y.shape, y.dtype]).toEqual([[3], 'int32']);
    expect(y.toArray()).toEqual([7, -5, 7]);
    const row = [(204 / 255 - 0.5) / 0.25, (255 / 255 - 0.5) / 0.25].map(Math.fround);
    expect(x.toArray()).toEqual([row, [(0 - 0.5) / 0.25, (51 / 255 - 0.5) / 0.25].map(Math.fround), row]);
  });

  it('normalises each channel by its own numbers where they are listed', () => {
    const x = fromTypedArray(Uint8Array.of(0, 255, 51, 102), [1, 2, 2]);
    const dataset = new TensorDataset({ x }, { x: { mean: [0.5, 0.1], std: 0.25 } });
    const expected = [[-2, 2], [(0.2 - 0.1) / 0.25, (0.4 - 0.1) / 0.25].map(Math.fround)];
    expect(dataset.batch([0]).x.toArray()).toEqual([expected]);
    expect(datasetFromHandle(structuredClone(dataset.handle())).batch([0]).x.toArray()).toEqual([expected]);
  });

  it('refuses numbers for other channels than there are', () => {
    const x = fromTypedArray(Uint8Array.of(0, 255), [1, 2]);
    expect(() => new TensorDataset({ x }, { x: { mean: 0, std: [1, 1, 1] } })).toThrow(
      'x [1, 2] has 2 channels, but its normalisation has 3',
    );
  });

  it('keeps the dtype of columns that are not normalised', () => {
    const columns = {
      a: fromTypedArray(Float64Array.of(1.5, 2.5), [2]),
      b: fromTypedArray(Float32Array.of(1, 2, 3, 4), [2, 1, 2]),
      c: fromTypedArray(Uint8Array.of(8, 9), [2]),
    };
    const { a, b, c } = new TensorDataset(columns).batch(Int32Array.of(1));
    expect([a.dtype, a.toArray()]).toEqual(['float64', [2.5]]);
    expect([b.dtype, b.toArray()]).toEqual(['float32', [[[3, 4]]]]);
    expect([c.dtype, c.toArray()]).toEqual(['uint8', [9]]);
  });

  it('makes an empty batch of no indices', () => {
    const { x, y } = smallDataset().batch([]);
    expect([x.shape, y.shape]).toEqual([[0, 2], [0]]);
  });

  it('makes batches in the memory of the step it is asked in', () => {
    const dataset = smallDataset();
    const batch = step(() => {
      const made = dataset.batch([0]);
      expect(made.y.item()).toBe(-5);
      return { made };
    });
    expect(() => batch.made.y.item()).toThrow(/step that made it has ended/);
  });

  it.each([3, -1, 0.5, NaN])('refuses the index %d', (index) => {
    expect(() => smallDataset().batch([0, index])).toThrow(`index ${index} is not one of its 3 samples`);
  });

  it('refuses columns of different lengths, and none at all', () => {
    const columns = { x: empty([3, 2]), y: empty([2]) };
    expect(() => new TensorDataset(columns)).toThrow('same number of rows, got x [3, 2], y [2]');
    expect(() => new TensorDataset({})).toThrow('got none');
  });

  it('refuses to normalise anything but uint8', () => {
    expect(() => new TensorDataset({ x: empty([2]) }, { x: { mean: 0, std: 1 } })).toThrow('x is float32');
  });

  it('refuses tensors of a step, which would not last', () => {
    step(() => {
      expect(() => new TensorDataset({ x: empty([2]) })).toThrow(/no lasting memory/);
    });
  });
});

describe('datasetFromHandle', () => {
  it('sees the same memory through a handle that survived a message, without copying', () => {
    const x = fromTypedArray(Uint8Array.of(10, 20), [2]);
    const dataset = new TensorDataset({ x }, { x: { mean: 0, std: 1 / 255 } });
    const seen = datasetFromHandle(structuredClone(dataset.handle()));
    expect(seen.length).toBe(2);
    x.view()[1] = 77;
    expect(seen.batch([1]).x.item()).toBeCloseTo(77, 4);
  });
});
