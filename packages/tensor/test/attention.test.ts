import { describe, expect, it } from 'vitest';
import { ones, tensor } from '../src/create.ts';
import { memoryUsage } from '../src/heap/allocate.ts';
import { step } from '../src/heap/step.ts';
import { scaledDotProductAttention, selfAttention } from '../src/ops/attention.ts';
import { attentionWeights } from '../src/ops/attention-weights.ts';
import '../src/methods.ts';
import { Generator } from '../src/random/generator.ts';
import type { Tensor } from '../src/tensor.ts';

const draw = (shape: number[], stream = 0): Tensor => new Generator(7, stream).randn(shape);

function expectClose(actual: Tensor, expected: Tensor, tolerance = 2e-5): void {
  expect(actual.shape).toEqual(expected.shape);
  expect(actual.detach().sub(expected.detach()).abs().max().item()).toBeLessThan(tolerance);
}

describe('scaledDotProductAttention', () => {
  it('drops the same weights where they are computed one by one, for a learned mask', () => {
    const [q, k, v] = [draw([2, 3, 5, 4], 1), draw([2, 3, 7, 4], 2), draw([2, 3, 7, 2], 3)] as const;
    const attnMask = draw([5, 7], 4);
    const dropped = { dropoutP: 0.4, attnMask };
    const fused = scaledDotProductAttention(q, k, v, { ...dropped, generator: new Generator(9) });
    const learned = { ...dropped, attnMask: attnMask.clone().requiresGrad_() };
    expectClose(scaledDotProductAttention(q, k, v, { ...learned, generator: new Generator(9) }), fused);
    expectClose(attentionWeights(q, k, { ...dropped, generator: new Generator(9) }).matmul(v), fused);
  });

  it('gives what its weights give, for lengths around the tiles, with gradients', () => {
    for (const [L, S, isCausal] of [
      [64, 64, true],
      [65, 130, false],
      [130, 63, true],
      [1, 200, false],
    ] as const) {
      // prettier-ignore
      step(() => {
        const inputs = () => [draw([2, 2, L, 8], 1), draw([2, 2, S, 8], 2), draw([2, 2, S, 5], 3)].map((x) => x.requiresGrad_()); // prettier-ignore
        const [[q, k, v], [q2, k2, v2]] = [inputs(), inputs()];
        const fused = scaledDotProductAttention(q!, k!, v!, { isCausal });
        const plain = attentionWeights(q2!, k2!, { isCausal }).matmul(v2!);
        expectClose(fused, plain);
        const grad = draw([2, 2, L, 5], 4);
        fused.backward(grad);
        plain.backward(grad);
        for (const [a, b] of [[q, q2], [k, k2], [v, v2]] as const) expectClose(a!.grad!, b!.grad!, 1e-4); // prettier-ignore
      });
    }
  });

  it('gives what is added to all keys no gradient to speak of, for it moves no weight, also at large scores', () => {
    step(() => {
      const [q, v] = [draw([4, 9, 16], 1), draw([4, 60, 16], 3)];
      const k = draw([4, 60, 16], 2).add(q.select(1, 0).unsqueeze(1).mul(3)).detach().requiresGrad_();
      scaledDotProductAttention(q, k, v.add(20)).backward(draw([4, 9, 16], 4));
      const common = k.grad!.sum(1).abs().max().item();
      expect(common / k.grad!.abs().max().item()).toBeLessThan(2e-6);
    });
  });

  it('needs no memory that grows with the square of the length, in forward and backward', () => {
    const L = 4096;
    const qkv = draw([1, L, 24]).requiresGrad_();
    const before = memoryUsage();
    step(() => selfAttention(qkv, 1, { isCausal: true }).sum().backward());
    const after = memoryUsage();
    const square = L * L * 4;
    expect(after.claimedBytes - before.claimedBytes).toBeLessThan(square / 4);
    expect(after.stepBytes - before.stepBytes).toBeLessThan(square / 4);
  });

  it('stays finite for scores of ±1e4 and passes NaN on', () => {
    const q = tensor([[100, 0], [-100, 0]]); // prettier-ignore
    const out = scaledDotProductAttention(q, q, q, { scale: 1 });
    expect(out.toArray()).toEqual([[100, 0], [-100, 0]]); // prettier-ignore
    expect(scaledDotProductAttention(tensor([[NaN]]), ones([2, 1]), ones([2, 1])).item()).toBeNaN();
  });

  it('gives zeros, and no gradient, where a query may see no key', () => {
    const [q, k, v] = [draw([2, 3]), draw([2, 3]), ones([2, 4])].map((x) => x.requiresGrad_());
    const attnMask = tensor([[0, 0], [1, 0]], { dtype: 'bool' }); // prettier-ignore
    const out = scaledDotProductAttention(q!, k!, v!, { attnMask });
    expect(out.toArray()).toEqual([[0, 0, 0, 0], [1, 1, 1, 1]]); // prettier-ignore
    out.sum().backward();
    expect(q!.grad!.select(0, 0).toArray()).toEqual([0, 0, 0]);
    expect(v!.grad!.select(0, 1).toArray()).toEqual([0, 0, 0, 0]);
  });

  it('drops weights by the generator alone: the same for the same key, the right share of them, all for p = 1', () => {
    const [q, v] = [draw([40, 4]).mul(0), ones([50, 1])];
    const run = (dropoutP: number, seed: number): Tensor =>
      scaledDotProductAttention(q, draw([50, 4]), v, { dropoutP, generator: new Generator(seed) });
    expect(run(0.25, 1).data()).toEqual(run(0.25, 1).data());
    expect(run(0.25, 1).data()).not.toEqual(run(0.25, 2).data());
    expect(run(0.25, 3).mean().item()).toBeCloseTo(1, 1);
    expect(run(1, 3).abs().sum().item()).toBe(0);
  });

  it('leaves the heads of its result beside each other where those of the queries are, so that joining them is free', () => {
    const q = draw([2, 5, 3, 4]).transpose(1, 2);
    const joined = scaledDotProductAttention(q, q, q).transpose(1, 2);
    expect(joined.strides).toBeNull();
  });

  it('names operands and masks that do not fit', () => {
    const [q, k] = [draw([2, 3]), draw([4, 3])];
    expect(() => scaledDotProductAttention(q, k, draw([3, 3]))).toThrow(/q \[2, 3\] must be \[..., L, E\]/);
    expect(() => scaledDotProductAttention(q, k, k, { attnMask: ones([3, 4], { dtype: 'bool' }) })).toThrow(
      /attnMask \[3, 4\] does not broadcast to \[2, 4\]/,
    );
    expect(() => scaledDotProductAttention(q, k, k, { attnMask: ones([2, 4], { dtype: 'int32' }) })).toThrow(
      /must be bool or float32/,
    );
    expect(() => scaledDotProductAttention(q, k, k, { dropoutP: 2 })).toThrow(/between 0 and 1/);
  });
});
