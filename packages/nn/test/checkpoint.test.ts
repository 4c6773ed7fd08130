import { checkpoint, manualSeed, randint, randn, step, type Tensor } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { checkpointSequential } from '../src/checkpoint-sequential.ts';
import { ReLU, Tanh } from '../src/layers/activations.ts';
import { Dropout } from '../src/layers/dropout.ts';
import { LayerNorm } from '../src/layers/layer-norm.ts';
import { Linear } from '../src/layers/linear.ts';
import { Sequential } from '../src/layers/sequential.ts';
import { TransformerEncoderLayer } from '../src/layers/transformer-encoder-layer.ts';
import { TransformerEncoder } from '../src/layers/transformer-stacks.ts';
import { crossEntropy } from '../src/losses/cross-entropy.ts';
import { GPT } from '../src/models/gpt.ts';
import { resnetCifar } from '../src/models/resnet-cifar.ts';
import type { Module } from '../src/module.ts';
import { LSTM } from '../src/recurrent/lstm.ts';

/** All bits after two steps: losses, gradients, buffers. */
function bitsOf<M extends Module>(model: M, loss: (model: M) => Tensor): unknown[] {
  manualSeed(3);
  const losses = [0, 1].map(() =>
    step(() => {
      model.zeroGrad();
      const value = loss(model);
      value.backward();
      return value.item();
    }),
  );
  const gradients = model.namedParameters().map(([name, { grad }]) => [name, grad && [...grad.data()]]);
  return [losses, gradients, model.namedBuffers().map(([name, buffer]) => [name, [...buffer.data()]])];
}

function made<M extends Module>(make: () => M): M {
  manualSeed(1);
  return make();
}

const tokens = randint(0, 20, [2, 8]);
const images = randn([2, 3, 12, 12]);
const sequence = randn([2, 6, 8]);

const gpt = (): GPT => new GPT({ vocabSize: 20, contextLength: 8, layers: 3, heads: 2, width: 16, dropout: 0.2 });
const encoder = (): TransformerEncoder =>
  new TransformerEncoder(new TransformerEncoderLayer(8, 2, { batchFirst: true, dimFeedforward: 16 }), 3);

describe('a checkpointed module gives the same bits as one that keeps its results', () => {
  it('GPT with dropout and tied weights', () => {
    const loss = (model: GPT): Tensor => crossEntropy(model.forward(tokens).reshape([16, 20]), tokens.reshape([16]));
    const model = made(gpt);
    for (const block of model.h) block.checkpoint_();
    expect(bitsOf(model, loss)).toEqual(bitsOf(made(gpt), loss));
  });

  it('a residual network, whose running moments move once a step', () => {
    const make = (): ReturnType<typeof resnetCifar> => resnetCifar({ depth: 8 });
    const loss = (model: Module & { forward(x: Tensor): Tensor }): Tensor => model.forward(images).pow(2).mean();
    const model = made(make);
    for (const layer of [model.layer1, model.layer2, model.layer3]) layer.checkpoint_();
    expect(bitsOf(model, loss)).toEqual(bitsOf(made(make), loss));
  });

  it('the layers of an encoder, with masks', () => {
    const loss = (model: TransformerEncoder): Tensor => model.forward(sequence, { isCausal: true }).pow(2).sum();
    const model = made(encoder);
    for (const layer of model.layers) layer.checkpoint_();
    expect(bitsOf(model, loss)).toEqual(bitsOf(made(encoder), loss));
  });

  it('an LSTM, which has three results', () => {
    const make = (): LSTM => new LSTM(8, 5, { numLayers: 2, dropout: 0.3, batchFirst: true });
    const loss = (model: LSTM): Tensor => {
      const [output, h, c] = model.forward(sequence);
      return output.pow(2).sum().add(h.mul(c).sum());
    };
    expect(bitsOf(made(make).checkpoint_(), loss)).toEqual(bitsOf(made(make), loss));
  });

  it('with hooks, which see living tensors once', () => {
    const run = (checkpointed: boolean): unknown[] => {
      const model = made(() => new Linear(8, 4)).checkpoint_(checkpointed);
      const seen: Tensor[] = [];
      model.registerForwardHook((_, [x], y) => void seen.push(x as Tensor, y as Tensor));
      model.registerFullBackwardHook((_, ofInputs, ofOutputs) => void seen.push(ofInputs[0]!, ofOutputs[0]!));
      return step(() => {
        model.forward(sequence.mul(1).requiresGrad_()).pow(2).sum().backward();
        return seen.map((x) => [...x.data()]);
      });
    };
    expect(run(true)).toEqual(run(false));
    expect(run(true)).toHaveLength(4);
  });

  it('only while it is switched on', () => {
    let runs = 0;
    const model = new Tanh();
    model.registerForwardPreHook(() => void runs++);
    const inner = new Sequential(model).checkpoint_();
    const backward = (): void =>
      inner
        .forward(randn([2]).requiresGrad_())
        .sum()
        .backward();
    backward();
    expect(runs).toBe(2);
    inner.checkpoint_(false);
    backward();
    expect(runs).toBe(3);
  });
});

describe('checkpointSequential', () => {
  const make = (): Sequential =>
    new Sequential(new Linear(8, 8), new LayerNorm(8), new ReLU(), new Dropout(0.3), new Linear(8, 8), new Tanh());

  it.each([1, 2, 4, 6])('gives the same bits in %d segments', (segments) => {
    const run = (model: Sequential): Tensor => checkpointSequential(model, segments, sequence).pow(2).sum();
    expect(bitsOf(made(make), run)).toEqual(bitsOf(made(make), (model) => model.forward(sequence).pow(2).sum()));
  });

  it('nests with other checkpoints, and takes a plain list of layers', () => {
    const run = (model: Sequential): Tensor =>
      checkpoint((x: Tensor) => checkpointSequential(model.layers, 3, x), sequence)
        .pow(2)
        .sum();
    expect(bitsOf(made(make), run)).toEqual(bitsOf(made(make), (model) => model.forward(sequence).pow(2).sum()));
  });

  it('refuses more segments than layers', () => {
    expect(() => checkpointSequential(make(), 7, sequence)).toThrow(/from 1 to 6, the number of layers, got 7/);
  });
});
