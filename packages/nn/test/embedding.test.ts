import { manualSeed, ShapeError, tensor, type Tensor } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { Embedding } from '../src/layers/embedding.ts';

const ids = (data: Parameters<typeof tensor>[0]): Tensor => tensor(data, { dtype: 'int32' });
const vectors = () =>
  tensor([
    [3, 4],
    [0, 0],
    [0.3, 0.4],
  ]);

describe('Embedding', () => {
  it('starts normal, with a padding row of zeros that a negative paddingIdx counts from the end', () => {
    manualSeed(1);
    const { weight } = new Embedding(2000, 4, { paddingIdx: -1 });
    expect(weight.select(0, 1999).toArray()).toEqual([0, 0, 0, 0]);
    expect(weight.detach().mean().item()).toBeCloseTo(0, 1);
    expect(weight.detach().std().item()).toBeCloseTo(1, 1);
  });

  it('adds the gradients of repeated rows, and gives none to the padding row', () => {
    const layer = new Embedding(3, 2, { paddingIdx: 1 });
    layer.forward(ids([[0, 1], [0, 2]])).sum().backward(); // prettier-ignore
    layer
      .forward(ids([2]))
      .sum()
      .backward();
    expect(layer.weight.grad!.toArray()).toEqual([
      [2, 2],
      [0, 0],
      [2, 2],
    ]);
  });

  it('divides the gradient by the frequency in the batch with scaleGradByFreq', () => {
    const layer = new Embedding(3, 1, { scaleGradByFreq: true });
    layer
      .forward(ids([0, 0, 0, 0, 2]))
      .sum()
      .backward();
    expect(layer.weight.grad!.toArray()).toEqual([[1], [0], [1]]);
  });

  it('scales looked-up rows down to maxNorm, and no others', () => {
    const layer = Embedding.fromPretrained(vectors(), { maxNorm: 1 });
    const out = layer.forward(ids([2, 0, 0])).data();
    [0.3, 0.4, 0.6, 0.8, 0.6, 0.8].forEach((value, i) => expect(out[i]).toBeCloseTo(value, 6));
    const infinite = Embedding.fromPretrained(vectors(), { maxNorm: 2, normType: Infinity });
    expect(infinite.forward(ids([0])).data()[1]).toBeCloseTo(2, 5);
    expect(infinite.weight.data()[4]).toBeCloseTo(0.3, 6);
  });

  it('from given vectors copies them and learns them only when asked to', () => {
    const given = vectors();
    const frozen = Embedding.fromPretrained(given);
    given.view().fill(7);
    expect(frozen.weight.select(0, 0).toArray()).toEqual([3, 4]);
    expect(frozen.forward(ids([0])).requiresGrad).toBe(false);
    expect(Embedding.fromPretrained(given, { freeze: false }).forward(ids([0])).requiresGrad).toBe(true);
  });

  it('names an index that is no row, and a padding row that does not exist', () => {
    expect(() => new Embedding(3, 2).forward(ids([0, 3]))).toThrow(/index 3 at position 1 .* size 3/);
    expect(() => new Embedding(3, 2, { paddingIdx: 3 })).toThrow(ShapeError);
  });
});
