import { tensor, type Tensor } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { EmbeddingBag, type EmbeddingBagOptions } from '../src/layers/embedding-bag.ts';

const ids = (data: Parameters<typeof tensor>[0]): Tensor => tensor(data, { dtype: 'int32' });
const index = ids([1, 2, 4, 5, 4, 3, 2, 2]);
const offsets = ids([0, 3, 3, 6]);
const table = Float32Array.from({ length: 12 }, (_, i) => Math.sin(0.7 * i));

function bag(options: EmbeddingBagOptions): EmbeddingBag {
  const layer = new EmbeddingBag(6, 2, options);
  layer.weight.view().set(table);
  return layer;
}

/** Output and gradient of the weight, the output's gradient being 1 … 8. */
function run(layer: EmbeddingBag, perSampleWeights?: Tensor): { out: number[]; grad: number[] } {
  const out = layer.forward(index, offsets, perSampleWeights);
  out
    .mul(tensor([1, 2, 3, 4, 5, 6, 7, 8]).reshape([4, 2]))
    .sum()
    .backward();
  return { out: [...out.data()], grad: [...layer.weight.grad!.data()] };
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => expect(actual[i]).toBeCloseTo(value, 5));
}

describe('EmbeddingBag gives what PyTorch 1.13 gives', () => {
  it('for sums with factors, leaving the padding row out', () => {
    const factors = tensor(Float32Array.from({ length: 8 }, (_, i) => Math.cos(0.3 * (i + 1)))).requiresGrad_();
    const { out, grad } = run(bag({ mode: 'sum', paddingIdx: 2 }), factors);
    expectClose(out, [0.54903445, 0.83510709, 0, 0, 0.39143399, 0.58247508, 0, 0]);
    const [row1, row3, row4, row5] = [[0.95533649, 1.91067298], [-1.13601047, -1.36321257], [0.97529598, 1.66764315], [1.81178877, 2.17414653]]; // prettier-ignore
    expectClose(grad, [0, 0, ...row1!, 0, 0, ...row3!, ...row4!, ...row5!]);
    expectClose(factors.grad!.data(), [2.71186846, 0, -0.59763884, 9.2139424, -3.05544979, -10.25259454, 0, 0]);
  });

  it('for means', () => {
    const { out, grad } = run(bag({}));
    expectClose(out, [0.22972375, 0.17641335, 0, 0, -0.28195194, 0.00750984, 0.33498815, -0.35078323]);
    expectClose(grad, [0, 0, 1 / 3, 2 / 3, 22 / 3, 26 / 3, 5 / 3, 2, 2, 8 / 3, 5 / 3, 2]);
    expectClose(run(bag({ paddingIdx: 2 })).out.slice(0, 2), [0.17709155, 0.44001163]);
  });

  it('for the largest, whose gradient goes to the first of equal rows', () => {
    const { out, grad } = run(bag({ mode: 'max', paddingIdx: -4 }));
    expectClose(out, [0.98544973, 0.86320937, 0, 0, 0.6569866, 0.98816823, 0, 0]);
    expectClose(grad, [0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 5, 6]);
    expectClose(run(bag({ mode: 'max' })).grad, [0, 0, 1, 2, 7, 8, 0, 0, 0, 0, 5, 6]);
  });
});

describe('EmbeddingBag', () => {
  it('takes rows as bags, and offsets that include the end', () => {
    const layer = bag({ mode: 'sum', includeLastOffset: true });
    const rows = layer.forward(ids([[1, 2], [4, 5]])).data(); // prettier-ignore
    expectClose(layer.forward(ids([1, 2, 4, 5]), ids([0, 2, 4])).data(), [...rows]);
  });

  it('gives zeros for bags that are all empty, in every mode', () => {
    for (const mode of ['sum', 'mean', 'max'] as const) {
      expect(bag({ mode }).forward(ids([]), ids([0, 0])).toArray()).toEqual([[0, 0], [0, 0]]); // prettier-ignore
    }
  });

  it('refuses factors in other modes than sum, and cuts that do not grow', () => {
    expect(() => bag({}).forward(index, offsets, tensor([1]))).toThrow(/mode 'sum'/);
    expect(() => bag({}).forward(index, ids([0, 5, 3]))).toThrow(/must grow from 0 to at most 8/);
    expect(() => bag({}).forward(index)).toThrow(/no offsets/);
  });
});
