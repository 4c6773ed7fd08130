import { rand, tensor } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { BahdanauAttention, LuongAttention } from '../src/index.ts';

const MAKERS = {
  additive: () => new BahdanauAttention(4, 4, 5),
  dot: () => new LuongAttention(4, 4, { score: 'dot' }),
  general: () => new LuongAttention(4, 4),
  concat: () => new LuongAttention(4, 4, { score: 'concat', size: 3 }),
};

describe.each(Object.entries(MAKERS))('%s attention', (_, make) => {
  it('gives weights that sum to 1, nothing to masked places, and gradients to all that it uses', () => {
    const attention = make();
    const [query, memory] = [rand([2, 4]).requiresGrad_(), rand([2, 3, 4]).requiresGrad_()];
    const mask = tensor([
      [0, 0, 1],
      [0, 0, 0],
    ]).to('bool');
    const { context, weights } = attention.forward(query, memory, mask);
    expect(context.shape).toEqual([2, 4]);
    for (const sum of weights.sum(1).data()) expect(sum).toBeCloseTo(1, 6);
    expect(weights.data()[2]).toBe(0);
    context.mul(context).sum().backward();
    for (const leaf of [query, memory, ...attention.parameters()])
      expect(leaf.grad!.data().some((g) => g !== 0)).toBe(true);
  });

  it('gives T queries at once what it gives each alone, with keys that are known or not', () => {
    const attention = make();
    const [query, memory] = [rand([2, 5, 4]), rand([2, 3, 4])];
    const all = attention.forward(query, memory);
    expect([all.context.shape, all.weights.shape]).toEqual([
      [2, 5, 4],
      [2, 5, 3],
    ]);
    for (let t = 0; t < 5; t++) {
      const one = attention.forward(query.select(1, t), memory, null, attention.keys(memory));
      for (const part of ['context', 'weights'] as const) {
        const difference = one[part].sub(all[part].select(1, t)).abs().max().item();
        expect(difference).toBeLessThan(1e-6);
      }
    }
  });
});

it('dot attention is the softmax of the products, and its context the mean by it', () => {
  const { context, weights } = new LuongAttention(2, 2, { score: 'dot' }).forward(
    tensor([[1, 0]]),
    tensor([
      [
        [Math.log(3), 1],
        [0, 5],
      ],
    ]),
  );
  expect(weights.data()[0]).toBeCloseTo(0.75, 6);
  expect(context.data()[1]).toBeCloseTo(2, 6);
});
