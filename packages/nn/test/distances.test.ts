import { gradcheck, randn, ShapeError, tensor, zeros } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { Bilinear } from '../src/layers/bilinear.ts';
import { CosineSimilarity, cosineSimilarity, PairwiseDistance, pairwiseDistance } from '../src/layers/distances.ts';
import { Identity } from '../src/layers/identity.ts';

const double = { dtype: 'float64', requiresGrad: true } as const;
const a = () => tensor([[1, 2, -1], [0.5, -0.3, 2]], double); // prettier-ignore
const b = () => tensor([[0, -1, 1.5], [1, 1, 0.2]], double); // prettier-ignore

describe('cosineSimilarity', () => {
  it('is 1 for parallel, −1 for opposite vectors, and 0 for a vector of zeros', () => {
    const layer = new CosineSimilarity();
    expect(layer.forward(a(), a().mul(3)).data()[0]).toBeCloseTo(1, 12);
    expect(layer.forward(a(), a().mul(-2)).data()[1]).toBeCloseTo(-1, 12);
    expect(layer.forward(zeros([1, 3]), randn([1, 3])).item()).toBe(0);
  });

  it('has the gradient of its formula, along any dimension, with broadcasting', () => {
    expect(gradcheck((x, y) => cosineSimilarity(x, y, { dim: 0 }), [a(), b()])).toBe(true);
    expect(gradcheck((x, y) => cosineSimilarity(x, y.narrow(0, 0, 1)), [a(), b()])).toBe(true);
  });
});

describe('pairwiseDistance', () => {
  it('is the p-norm of the difference plus eps', () => {
    const [x, y] = [tensor([[1, 2]], double), tensor([[0, -1]], double)];
    expect(new PairwiseDistance({ p: 3 }).forward(x, y).item()).toBeCloseTo(3.0365900563717703, 12); // PyTorch 1.13
    expect(pairwiseDistance(x, y).item()).toBeCloseTo(Math.hypot(1, 3), 5);
    expect(pairwiseDistance(x, y, { p: 1, eps: 0 }).item()).toBe(4);
    expect(pairwiseDistance(x, y, { p: Infinity, eps: 0, keepdim: true }).toArray()).toEqual([[3]]);
  });

  it('has the gradient of its formula', () => {
    for (const p of [1, 2, 3]) expect(gradcheck((x, y) => pairwiseDistance(x, y, { p }), [a(), b()])).toBe(true);
  });
});

describe('Bilinear', () => {
  it('takes any leading dimensions, and names inputs that do not fit', () => {
    const layer = new Bilinear(3, 4, 2, { bias: false });
    const [x1, x2] = [randn([2, 5, 3]), randn([2, 5, 4])];
    const out = layer.forward(x1, x2);
    const one = layer.forward(x1.select(0, 1).select(0, 2), x2.select(0, 1).select(0, 2));
    expect(out.shape).toEqual([2, 5, 2]);
    one.data().forEach((value, k) => expect(out.data()[(5 + 2) * 2 + k]).toBeCloseTo(value, 5));
    expect(() => layer.forward(x2, x1)).toThrow(ShapeError);
  });
});

it('Identity gives its input itself', () => {
  const x = a();
  expect(new Identity().forward(x)).toBe(x);
});
