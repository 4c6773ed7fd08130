import { full, manualSeed, memoryUsage, noGrad, randint, randn, relu, step, type Tensor } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { ReLU, Tanh } from '../src/layers/activations.ts';
import { BatchNorm2d } from '../src/layers/batch-norm.ts';
import { Conv2d } from '../src/layers/convolution.ts';
import { Identity } from '../src/layers/identity.ts';
import { Linear } from '../src/layers/linear.ts';
import { MultiheadAttention } from '../src/layers/multihead-attention.ts';
import { Sequential } from '../src/layers/sequential.ts';
import { TransformerEncoderLayer } from '../src/layers/transformer-encoder-layer.ts';
import { TransformerEncoder } from '../src/layers/transformer-stacks.ts';
import { GPT } from '../src/models/gpt.ts';
import { resnetCifar } from '../src/models/resnet-cifar.ts';
import { Module } from '../src/module.ts';
import { LSTM } from '../src/recurrent/lstm.ts';

const MIB = 2 ** 20;
const LARGE = [MIB / 4];

const bits = (x: Tensor): string => Buffer.from(x.data().buffer).toString('hex');
/** The distinct values of tensors that are full of one. */
const valuesOf = (tensors: readonly Tensor[]): string[] => tensors.map((x) => [...new Set(x.data())].join());
const inStep = <T>(fn: () => T): T => step(() => noGrad(fn));

/** Fills what was given back, so that a use after it would be seen. */
function overwrite(): void {
  for (let i = 0; i < 10; i++) full(LARGE, 9);
}

class Keeping extends Module {
  readonly seen: Tensor[] = [];

  forward(x: Tensor): Tensor {
    const inner = x.add(1);
    const y = inner.mul(2);
    this.seen.push(x, inner, y);
    return y;
  }
}

class Twice extends Module {
  forward(x: Tensor): Tensor {
    return x.mul(2);
  }
}

describe('without gradients, in a step', () => {
  it('networks give the same bits as outside of steps, where all is kept', () => {
    manualSeed(1);
    const [tokens, images, sequence] = [randint(0, 50, [8, 32]), randn([16, 3, 32, 32]), randn([16, 40, 64])];
    const gpt = new GPT({ vocabSize: 50, contextLength: 32, layers: 3, heads: 4, width: 64 });
    const resnet = resnetCifar({ depth: 14 });
    const encoder = new TransformerEncoder(new TransformerEncoderLayer(64, 4, { batchFirst: true }), 2);
    const lstm = new LSTM(64, 48, { numLayers: 2, bidirectional: true, batchFirst: true });
    const attention = new MultiheadAttention(64, 4, { batchFirst: true });
    const calls = [
      () => [gpt.forward(tokens)],
      () => [resnet.forward(images)],
      () => [encoder.forward(sequence)],
      () => lstm.forward(sequence),
      () => attention.forward(sequence, sequence, sequence) as Tensor[],
    ];
    for (const model of [gpt, resnet, encoder, lstm, attention]) model.eval();
    for (const call of calls) {
      const kept = noGrad(() => call().map(bits));
      expect(inStep(() => call().map(bits))).toEqual(kept);
      expect(inStep(() => call().map(bits))).toEqual(kept);
    }
  });

  it('a chain of layers needs memory for two results, however long it is', () => {
    const chain = new Sequential(...Array.from({ length: 30 }, () => new Sequential(new Tanh(), new ReLU())));
    const before = memoryUsage().stepBytes;
    inStep(() => chain.forward(full(LARGE, 0.1)));
    expect((memoryUsage().stepBytes - before) / MIB).toBeLessThan(9);
  });

  it('what was put in and what comes out stays, views too', () => {
    const norm = new Sequential(new Conv2d(8, 8, 1), new BatchNorm2d(8));
    inStep(() => {
      const x = full(LARGE, 2);
      const same = new Sequential(new Identity()).forward(x);
      const y = new Sequential(new Tanh(), new Identity(), new ReLU()).forward(x);
      overwrite();
      expect(valuesOf([x, same, y])).toEqual(valuesOf([full([1], 2), full([1], 2), full([1], 2).tanh()]));
      const image = full([4, 8, 32, 32], 1);
      const z = norm.forward(image);
      const before = bits(z);
      overwrite();
      expect(bits(z)).toBe(before);
    });
  });

  it('a layer of your own may keep what it sees and makes, in the midst of others', () => {
    inStep(() => {
      const keeping = new Keeping();
      const model = new Sequential(new ReLU(), new Sequential(new ReLU(), keeping, new ReLU()), new ReLU());
      const y = model.forward(full(LARGE, 3));
      overwrite();
      expect(valuesOf([...keeping.seen, y])).toEqual(['3', '4', '8', '8']);
    });
  });

  it('hooks, activations and forwards of your own may keep what they see', () => {
    const seen: Tensor[] = [];
    const keep = (x: Tensor): Tensor => (seen.push(x), x);
    const layer = new TransformerEncoderLayer(64, 2, { activation: (x) => keep(relu(keep(x))), batchFirst: true });
    inStep(() => {
      const [hooked, before, patched] = [new ReLU(), new ReLU(), new ReLU()];
      hooked.registerForwardHook((_, [x], y) => void (keep(x as Tensor), keep(y as Tensor)));
      before.registerForwardPreHook((_, [x]) => void keep(x as Tensor));
      patched.forward = (x) => keep(keep(x).mul(2));
      const model = new Sequential(new Twice(), new Sequential(hooked), new ReLU(), before, new ReLU(), patched);
      const y = new Sequential(model, new ReLU()).forward(full(LARGE, 1));
      layer.eval().forward(full([4, 40, 64], 1));
      const kept = seen.map(bits);
      overwrite();
      expect(valuesOf([y, ...seen.slice(0, 5)])).toEqual(['4', '2', '2', '2', '2', '4']);
      expect([seen.length, seen.map(bits)]).toEqual([7, kept]);
    });
  });

  it('a subclass of ours that calls super keeps its own results', () => {
    class Net extends Sequential {
      override forward(x: Tensor): Tensor {
        const before = x.mul(3);
        const y = super.forward(before);
        overwrite();
        return before.add(y);
      }
    }
    expect(inStep(() => valuesOf([new Net(new ReLU(), new ReLU()).forward(full(LARGE, 1))]))).toEqual(['6']);
  });

  it('an error leaves nothing behind that a later call would trip over', () => {
    const model = new Sequential(new ReLU(), new Linear(3, 3));
    inStep(() => {
      expect(() => model.forward(full(LARGE, 1))).toThrow(/1 \(Linear\)/);
      const y = new Sequential(new ReLU(), new ReLU()).forward(full(LARGE, 5));
      overwrite();
      expect(valuesOf([y])).toEqual(['5']);
    });
  });
});
