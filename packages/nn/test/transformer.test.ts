import { manualSeed, randn, tensor, type Tensor } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { LayerNorm } from '../src/layers/layer-norm.ts';
import { TransformerDecoderLayer } from '../src/layers/transformer-decoder-layer.ts';
import { TransformerEncoderLayer } from '../src/layers/transformer-encoder-layer.ts';
import { TransformerEncoder } from '../src/layers/transformer-stacks.ts';
import { Transformer } from '../src/layers/transformer.ts';

const small = { dimFeedforward: 16, dropout: 0, batchFirst: true } as const;

function expectClose(actual: Tensor, expected: Tensor): void {
  expect(actual.shape).toEqual(expected.shape);
  expect(actual.sub(expected).abs().max().item()).toBeLessThan(1e-5);
}

describe('TransformerEncoder', () => {
  it('starts with equal layers that share nothing', () => {
    const layer = new TransformerEncoderLayer(8, 2, small);
    const stack = new TransformerEncoder(layer, 2, { norm: new LayerNorm(8) });
    const [a, b] = [...stack.layers].map(({ linear1 }) => linear1.weight);
    expect(a!.data()).toEqual(b!.data());
    a!.view().fill(0);
    expect(b!.abs().sum().item()).toBeGreaterThan(0);
    expect(layer.linear1.weight.abs().sum().item()).toBeGreaterThan(0);
    expect([...stack.stateDict().keys()].filter((key) => key.startsWith('norm'))).toEqual(['norm.weight', 'norm.bias']);
  });

  it('takes both orders of dimensions, and no batch', () => {
    const first = new TransformerEncoderLayer(8, 2, small);
    const second = new TransformerEncoderLayer(8, 2, { ...small, batchFirst: false });
    second.loadStateDict(first.stateDict());
    const x = randn([3, 5, 8]);
    expectClose(second.forward(x.transpose(0, 1)).transpose(0, 1), first.forward(x));
    expectClose(first.forward(x.select(0, 1)), first.forward(x).select(0, 1));
  });

  it('does not let padding change what comes from the rest', () => {
    const stack = new TransformerEncoder(new TransformerEncoderLayer(8, 2, { ...small, activation: 'gelu' }), 2);
    const x = randn([1, 5, 8]);
    const srcKeyPaddingMask = tensor([[0, 0, 0, 1, 1]], { dtype: 'bool' });
    const short = stack.forward(x.narrow(1, 0, 3));
    expectClose(stack.forward(x, { srcKeyPaddingMask }).narrow(1, 0, 3), short);
  });
});

describe('Transformer', () => {
  it('sees the same with a causal mask as with isCausal', () => {
    const model = new Transformer({ ...small, dModel: 8, nhead: 2, numEncoderLayers: 1, numDecoderLayers: 2 });
    const [src, tgt] = [randn([2, 4, 8]), randn([2, 6, 8])];
    const masked = model.forward(src, tgt, { tgtMask: Transformer.generateSquareSubsequentMask(6) });
    expectClose(model.forward(src, tgt, { tgtIsCausal: true }), masked);
    const early = model.forward(src, tgt.narrow(1, 0, 3), { tgtIsCausal: true });
    expectClose(masked.narrow(1, 0, 3), early);
  });

  it('does not see masked memory', () => {
    const layer = new TransformerDecoderLayer(8, 2, { ...small, normFirst: true });
    const [tgt, memory] = [randn([1, 3, 8]), randn([1, 4, 8])];
    const memoryKeyPaddingMask = tensor([[0, 0, 1, 1]], { dtype: 'bool' });
    expectClose(layer.forward(tgt, memory, { memoryKeyPaddingMask }), layer.forward(tgt, memory.narrow(1, 0, 2)));
  });

  it('is the base model of the paper by default, with Xavier-uniform matrices', () => {
    const model = new Transformer();
    expect(model.parameters().reduce((sum, { size }) => sum + size, 0)).toBe(44_140_544); // as in PyTorch 1.13
    const { weight } = [...model.encoder.layers][5]!.linear1;
    expect(weight.abs().max().item()).toBeCloseTo(Math.sqrt(6 / (512 + 2048)), 5);
  });

  it('drops out in training only', () => {
    manualSeed(3);
    const model = new Transformer({
      ...small,
      dropout: 0.3,
      dModel: 8,
      nhead: 2,
      numEncoderLayers: 1,
      numDecoderLayers: 1,
    });
    const [src, tgt] = [randn([1, 4, 8]), randn([1, 3, 8])];
    expect(model.forward(src, tgt).data()).not.toEqual(model.forward(src, tgt).data());
    model.eval();
    expect(model.forward(src, tgt).data()).toEqual(model.forward(src, tgt).data());
  });
});
