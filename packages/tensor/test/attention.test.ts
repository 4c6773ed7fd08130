import { describe, expect, it } from 'vitest';
import { arange, ones, tensor, zeros } from '../src/create.ts';
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

function distance(a: Tensor, b: Tensor): number {
  return a.detach().sub(b.detach()).abs().max().item();
}

/** Masks over L queries and S keys, by what they are. */
const masks: Readonly<Record<string, (L: number, S: number, generator: Generator) => Tensor | null>> = {
  none: () => null,
  causal: (L, S) => zeros([L, S]).maskedFill(ones([L, S], { dtype: 'bool' }).triu(1), -Infinity),
  'numbers, some −∞': (L, S, generator) => {
    const hidden = generator.rand([2, 1, L, S]).gt(0.7);
    return generator.randn([2, 1, L, S]).maskedFill(hidden, -Infinity);
  },
  'one number a query': (L, _, generator) => generator.randn([3, L, 1]),
  'one number a key, strided': (_, S, generator) => generator.randn([S, 2]).select(1, 0).unsqueeze(0),
  bool: (L, S, generator) => generator.rand([2, 3, L, S]).gt(0.4),
  padding: (_, S, generator) => generator.rand([2, 1, 1, 1]).mul(S).gt(arange(S)),
  'bool, exchanged': (L, S, generator) => generator.rand([S, L]).gt(0.3).transpose(0, 1),
  'nothing to see': (L, S) => zeros([L, S], { dtype: 'bool' }),
};

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

  it('gives what its weights give, with gradients, for masks of all kinds and shapes and lengths around the tiles', () => {
    const generator = new Generator(11);
    const lengths = [1, 2, 5, 31, 32, 33, 63, 64, 65, 97, 130];
    const pick = <V>(values: readonly V[]): V => values[Math.floor(generator.uniform() * values.length)]!;
    for (let run = 0; run < 40; run++) {
      const [L, S, isCausal, name] = [
        pick(lengths),
        pick(lengths),
        generator.uniform() < 0.3,
        pick(Object.keys(masks)),
      ];
      step(() => {
        const attnMask = masks[name]!(L, S, generator);
        const inputs = (): Tensor[] => [
          draw([2, 3, L, 8], 1).requiresGrad_(),
          draw([2, 3, S, 8], 2).requiresGrad_(),
          draw([2, 3, S, 5], 3).requiresGrad_(),
        ];
        const [fused, plain] = [inputs(), inputs()];
        const y = scaledDotProductAttention(fused[0]!, fused[1]!, fused[2]!, { attnMask, isCausal });
        const expected = attentionWeights(plain[0]!, plain[1]!, { attnMask, isCausal }).matmul(plain[2]!);
        const where = `${name} L ${L} S ${S} causal ${isCausal}`;
        expect({ where, off: distance(y, expected) < 2e-5 }).toEqual({ where, off: true });
        const grad = draw([2, 3, L, 5], 4);
        y.backward(grad);
        expected.backward(grad);
        // Sums of up to 130 products of numbers of size 1, each rounded to 2⁻²⁴.
        fused.forEach((x, i) =>
          expect({ where, i, off: distance(x.grad!, plain[i]!.grad!) < 1e-4 }).toEqual({ where, i, off: true }),
        );
      });
    }
  });

  it('gives the same bits for a mask of numbers that hides what causality hides', () => {
    const [q, k, v] = [draw([2, 70, 8], 1), draw([2, 70, 8], 2), draw([2, 70, 8], 3)] as const;
    const attnMask = masks['causal']!(70, 70, new Generator(1));
    const masked = scaledDotProductAttention(q, k, v, { attnMask });
    expect(masked.data()).toEqual(scaledDotProductAttention(q, k, v, { isCausal: true }).data());
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
