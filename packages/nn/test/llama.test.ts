import { fromTypedArray, manualSeed, step, type Tensor } from '@gradwire/tensor';
import { beforeEach, describe, expect, it } from 'vitest';
import { AdamW, crossEntropy, Llama, type LlamaOptions } from '../src/index.ts';

const SMALL: LlamaOptions = {
  vocabSize: 11,
  contextLength: 8,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  width: 16,
  hidden: 24,
};
const tokens = (...rows: number[][]): Tensor =>
  fromTypedArray(Int32Array.from(rows.flat()), [rows.length, rows[0].length]);

/** Weights that any program can make: 0.3·sin(0.7·i + length of the key), and 1 more in vectors. */
function withKnownWeights(options: LlamaOptions): Llama {
  const model = new Llama(options);
  for (const [key, parameter] of model.namedParameters()) {
    const one = parameter.rank === 1 ? 1 : 0;
    parameter
      .view()
      .set(Float32Array.from({ length: parameter.size }, (_, i) => one + 0.3 * Math.sin(0.7 * i + key.length)));
  }
  return model;
}

/** Loss, the first five logits of both last tokens, and norm and second element of gradients, computed by PyTorch 1.13. */
const EXPECTED = [
  {
    title: 'two queries for each key',
    options: SMALL,
    loss: 3.289452,
    logits: [
      [-0.22209, 1.16307, 0.6943, -0.88117, -1.05207],
      [1.50787, 0.35828, -1.3624, -0.91143, 0.99235],
    ],
    gradients: [
      ['model.embed_tokens.weight', 2.212184, 0],
      ['model.layers.0.self_attn.q_proj.weight', 1.473615, 0.0091673],
      ['model.layers.0.self_attn.v_proj.weight', 0.805082, -0.0980315],
      ['model.layers.0.input_layernorm.weight', 0.364635, -0.1235907],
      ['model.layers.1.self_attn.k_proj.weight', 0.218, 0.0103819],
      ['model.layers.1.mlp.gate_proj.weight', 0.819923, 0.0043232],
      ['model.norm.weight', 0.542838, -0.0779048],
      ['lm_head.weight', 1.658974, -0.0166822],
    ],
  },
  {
    title: 'one key head, tied weights and another base',
    options: { ...SMALL, keyValueHeads: 1, ropeBase: 500, tieWeights: true },
    loss: 3.323612,
    logits: [
      [1.08553, 0.51484, -0.8765, -0.8707, 0.52298],
      [0.14757, -1.34444, -0.69342, 1.06291, 1.12498],
    ],
    gradients: [
      ['model.embed_tokens.weight', 2.187961, -0.0409892],
      ['model.layers.0.self_attn.q_proj.weight', 0.839294, -0.0011881],
      ['model.layers.0.self_attn.v_proj.weight', 0.402123, -0.0342306],
      ['model.layers.0.input_layernorm.weight', 0.212665, -0.0205634],
      ['model.layers.1.self_attn.k_proj.weight', 0.126534, -0.0264405],
      ['model.layers.1.mlp.gate_proj.weight', 4.115778, 0.2569732],
      ['model.norm.weight', 0.481248, -0.0184815],
    ],
  },
] as const;

describe('Llama', () => {
  beforeEach(() => manualSeed(5));

  it.each(EXPECTED)('has the logits and gradients of PyTorch: $title', ({ options, loss, logits, gradients }) => {
    const model = withKnownWeights(options);
    step(() => {
      const x = tokens([3, 1, 4, 1, 5, 9], [2, 6, 5, 3, 5, 8]);
      const y = model.forward(x);
      const value = crossEntropy(y.narrow(1, 0, 5).flatten(0, 1), x.narrow(1, 1, 5).flatten());
      value.backward();
      expect(value.item()).toBeCloseTo(loss, 5);
      const last = y.select(1, -1).narrow(1, 0, 5).toArray() as number[][];
      last.flat().forEach((logit, i) => expect(logit).toBeCloseTo(logits.flat()[i], 4));
    });
    const learned = new Map(model.namedParameters());
    for (const [key, norm, second] of gradients) {
      const gradient = learned.get(key)!.grad!.data();
      expect(Math.hypot(...gradient)).toBeCloseTo(norm, 4);
      expect(gradient[1]).toBeCloseTo(second, 5);
    }
  });

  it('has the keys and shapes of Llama at Hugging Face', () => {
    const state = new Llama({ ...SMALL, layers: 1 }).stateDict();
    const layer = 'model.layers.0';
    expect(Object.fromEntries([...state].map(([key, { shape }]) => [key, shape]))).toEqual({
      'model.embed_tokens.weight': [11, 16],
      [`${layer}.self_attn.q_proj.weight`]: [16, 16],
      [`${layer}.self_attn.k_proj.weight`]: [8, 16],
      [`${layer}.self_attn.v_proj.weight`]: [8, 16],
      [`${layer}.self_attn.o_proj.weight`]: [16, 16],
      [`${layer}.mlp.gate_proj.weight`]: [24, 16],
      [`${layer}.mlp.up_proj.weight`]: [24, 16],
      [`${layer}.mlp.down_proj.weight`]: [16, 24],
      [`${layer}.input_layernorm.weight`]: [16],
      [`${layer}.post_attention_layernorm.weight`]: [16],
      'model.norm.weight': [16],
      'lm_head.weight': [11, 16],
    });
    expect([...new Llama({ ...SMALL, tieWeights: true }).stateDict().keys()]).not.toContain('lm_head.weight');
  });

  it('learns a sequence by heart', () => {
    const model = new Llama(SMALL);
    const optimizer = new AdamW(model.parameters(), { lr: 1e-2 });
    const learn = (): number =>
      step(() => {
        optimizer.zeroGrad();
        const logits = model.forward(tokens([3, 1, 4, 1, 5, 9, 2, 6])).flatten(0, 1);
        const loss = crossEntropy(logits, tokens([1, 4, 1, 5, 9, 2, 6, 5]).flatten());
        loss.backward();
        optimizer.step();
        return loss.item();
      });
    expect(learn()).toBeCloseTo(Math.log(11), 0);
    for (let i = 0; i < 60; i++) learn();
    expect(learn()).toBeLessThan(0.1);
  });

  it('says which sizes and sequences it takes', () => {
    expect(() => new Llama({ ...SMALL, keyValueHeads: 3 })).toThrow(
      '4 heads of an even width, and these into 3 groups',
    );
    expect(() => new Llama({ ...SMALL, width: 20 })).toThrow('width 20 must divide into 4 heads of an even width');
    const nine = tokens([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(() => new Llama(SMALL).forward(nine)).toThrow('must be [N, T] with T at most 8');
    const mask = fromTypedArray(Uint8Array.from([1, 0, 0]), [1, 3], { dtype: 'bool' });
    expect(() => new Llama(SMALL).forward(tokens([1, 2]), { keyPaddingMask: mask })).toThrow('[1, 3] must be [1, 2]');
  });
});
