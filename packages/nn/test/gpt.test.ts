import { fromTypedArray, manualSeed, noGrad, step, type Tensor } from '@gradwire/tensor';
import { beforeEach, describe, expect, it } from 'vitest';
import { crossEntropy } from '../src/losses/cross-entropy.ts';
import { GPT, type GptOptions } from '../src/models/gpt.ts';
import { AdamW } from '../src/optim/adamw.ts';

const SMALL: GptOptions = { vocabSize: 11, contextLength: 8, layers: 2, heads: 2, width: 16 };
const tokens = (...rows: number[][]): Tensor =>
  fromTypedArray(Int32Array.from(rows.flat()), [rows.length, rows[0].length]);

describe('GPT', () => {
  beforeEach(() => manualSeed(5));

  it('gives logits of the next token at every place, also of sequences shorter than its context', () => {
    expect(new GPT(SMALL).forward(tokens([1, 2, 3], [4, 5, 6])).shape).toEqual([2, 3, 11]);
  });

  it('does not let a token see those after it', () => {
    const model = new GPT(SMALL);
    const logits = (row: number[]): number[] =>
      step(() => noGrad(() => model.forward(tokens(row)).flatten().toArray() as number[]));
    const [one, other] = [logits([1, 2, 3, 4]), logits([1, 2, 9, 10])];
    expect(other.slice(0, 22)).toEqual(one.slice(0, 22));
    expect(other.slice(22)).not.toEqual(one.slice(22));
  });

  it('has the keys of GPT-2, and an output layer of its own only if the weights are not tied', () => {
    const keys = [...new GPT({ ...SMALL, layers: 1 }).stateDict().keys()];
    const part = (name: string): string[] => [`${name}.weight`, `${name}.bias`];
    const block = ['ln_1', 'attn.c_attn', 'attn.c_proj', 'ln_2', 'mlp.c_fc', 'mlp.c_proj'].flatMap((x) =>
      part(`h.0.${x}`),
    );
    expect(keys).toEqual(['wte.weight', 'wpe.weight', ...block, ...part('ln_f')]);
    const untied = [...new GPT({ ...SMALL, layers: 1, tieWeights: false }).stateDict().keys()];
    expect(untied.filter((key) => !keys.includes(key))).toEqual(['lm_head.weight']);
  });

  it('starts with deviation 0.02, less at the ends of residual branches, and biases at zero', () => {
    const model = new GPT({ vocabSize: 500, contextLength: 64, layers: 8, heads: 4, width: 64, tieWeights: false });
    const deviation = (path: string): number => {
      const values = (model.getSubmodule(path) as unknown as { weight: Tensor }).weight.view() as Float32Array;
      return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    };
    for (const path of ['wte', 'wpe', 'lm_head', 'h.3.attn.c_attn', 'h.3.mlp.c_fc']) {
      expect(deviation(path)).toBeCloseTo(0.02, 3);
    }
    expect(deviation('h.3.attn.c_proj')).toBeCloseTo(0.005, 3);
    expect(deviation('h.3.mlp.c_proj')).toBeCloseTo(0.005, 3);
    expect(deviation('ln_f')).toBe(1);
    expect(new Set(model.stateDict().get('h.0.mlp.c_fc.bias')?.view())).toEqual(new Set([0]));
  });

  it('drops in training only', () => {
    const model = new GPT({ ...SMALL, dropout: 0.3 });
    const logits = (): number[] =>
      step(() =>
        noGrad(
          () =>
            model
              .forward(tokens([1, 2, 3, 4]))
              .flatten()
              .toArray() as number[],
        ),
      );
    expect(logits()).not.toEqual(logits());
    model.eval();
    expect(logits()).toEqual(logits());
  });

  it.each([true, false])('learns a sequence by heart (tied weights: %s)', (tieWeights) => {
    const model = new GPT({ ...SMALL, tieWeights });
    const optimizer = new AdamW(model.parameters(), { lr: 1e-2 });
    const learn = (): number =>
      step(() => {
        optimizer.zeroGrad();
        const loss = crossEntropy(
          model.forward(tokens([3, 1, 4, 1, 5, 9, 2, 6])).flatten(0, 1),
          tokens([1, 4, 1, 5, 9, 2, 6, 5]).flatten(),
        );
        loss.backward();
        optimizer.step();
        return loss.item();
      });
    expect(learn()).toBeCloseTo(Math.log(11), 0);
    for (let i = 0; i < 60; i++) learn();
    expect(learn()).toBeLessThan(0.1);
  });

  it('says which sequences it takes', () => {
    expect(() => new GPT(SMALL).forward(tokens([1, 2, 3, 4, 5, 6, 7, 8, 9]))).toThrow(
      'must be [N, T] with T at most 8',
    );
    expect(() => new GPT({ ...SMALL, heads: 3 })).toThrow('width 16 does not divide into 3 heads');
  });
});
