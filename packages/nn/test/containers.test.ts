import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  fromTypedArray,
  GradwireError,
  noGrad,
  ones,
  readSafetensors,
  tensor,
  zeros,
  type Tensor,
} from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { ReLU } from '../src/layers/activations.ts';
import { Linear } from '../src/layers/linear.ts';
import { ModuleDict } from '../src/layers/module-dict.ts';
import { ModuleList } from '../src/layers/module-list.ts';
import { ParameterList } from '../src/layers/parameter-list.ts';
import { Sequential } from '../src/layers/sequential.ts';
import { accuracy } from '../src/metrics/accuracy.ts';
import { Module } from '../src/module.ts';
import { AdamW } from '../src/optim/adamw.ts';
import { Parameter } from '../src/parameter.ts';

class Net extends Module {
  readonly layers = new ModuleList([new Linear(2, 2), new Linear(2, 2)]).append(new Linear(2, 2));
  readonly heads = new ModuleDict({ left: new Linear(2, 1), right: new Linear(2, 3, { bias: false }) });
  readonly scales = new ParameterList([new Parameter(ones([1])), new Parameter(ones([2]))]);

  constructor() {
    super();
    this.registerBuffer('mask', zeros([2]), { persistent: false });
    this.registerBuffer('steps', tensor(0, { dtype: 'int32' }));
  }

  forward(x: Tensor): Tensor {
    for (const layer of this.layers) x = layer.forward(x);
    return this.heads.get('right').forward(x.mul(this.scales.at(-1)));
  }
}

describe('containers', () => {
  it("have PyTorch's keys", () => {
    expect([...new Net().stateDict().keys()]).toEqual([
      'steps',
      ...['layers.0.weight', 'layers.0.bias', 'layers.1.weight', 'layers.1.bias', 'layers.2.weight', 'layers.2.bias'],
      ...['heads.left.weight', 'heads.left.bias', 'heads.right.weight'],
      ...['scales.0', 'scales.1'],
    ]);
    const named = new Sequential({ fc: new Linear(1, 1), act: new ReLU() });
    expect([...named.stateDict().keys()]).toEqual(['fc.weight', 'fc.bias']);
    expect(named.forward(ones([1, 1])).shape).toEqual([1, 1]);
  });

  it('are iterated over, indexed and extended', () => {
    const { layers, heads, scales } = new Net();
    expect([layers.length, heads.size, scales.length]).toEqual([3, 2, 2]);
    expect(layers.at(-1)).toBe([...layers][2]);
    expect([...heads.keys(), heads.has('middle')]).toEqual(['left', 'right', false]);
    expect([...scales].map(({ shape }) => shape)).toEqual([[1], [2]]);
    expect(() => layers.at(3)).toThrow(new RangeError('ModuleList: there is no module 3 of 3'));
    expect(() => heads.get('middle')).toThrow('there is no module "middle"; there are: left, right');
    expect(() => heads.set('a.b', new Linear(1, 1))).toThrow('must not be empty or have a dot, got "a.b"');
    expect(() => layers.forward()).toThrow('ModuleList: it has no forward of its own');
  });

  it('name a layer in them in errors', () => {
    expect(() => new Net().forward(ones([1, 3]))).toThrow('layers.0 (Linear): linear: x [1, 3]');
  });
});

describe('walking through a model', () => {
  it('gives children, all modules once, and one by its path', () => {
    const net = new Net();
    expect(net.children()).toEqual([net.layers, net.heads, net.scales]);
    const tied = new Linear(1, 1);
    expect(new Sequential(tied, tied).modules()).toHaveLength(2);
    expect(net.getSubmodule('heads.left')).toBe(net.heads.get('left'));
    expect(net.getSubmodule('')).toBe(net);
    expect(() => net.getSubmodule('head')).toThrow(
      new GradwireError(
        'ERR_SUBMODULE',
        'getSubmodule: Net has no module "head"; it has "layers", "layers.0", "layers.1", "layers.2", "heads", …',
      ),
    );
  });

  it('apply calls a function with each module, from the inside out', () => {
    const seen: string[] = [];
    const net = new Sequential(new Linear(1, 1), new Sequential(new ReLU()));
    expect(net.apply((module) => void seen.push(module.constructor.name))).toBe(net);
    expect(seen).toEqual(['Linear', 'ReLU', 'Sequential', 'Sequential']);
  });

  it('finds buffers that the state dict leaves out', () => {
    const net = new Net();
    expect(net.namedBuffers().map(([name]) => name)).toEqual(['mask', 'steps']);
    expect(net.buffers()).toHaveLength(2);
  });
});

describe('freezing', () => {
  it('leaves the frozen part as it is, bit for bit, while the rest learns', () => {
    const net = new Net();
    net.layers.requiresGrad_(false);
    const before = new Map([...net.stateDict()].map(([key, value]) => [key, value.toArray()]));
    const optimizer = new AdamW(net.parameters(), { lr: 0.1, weightDecay: 0.5 });
    net
      .forward(ones([1, 2]))
      .sum()
      .backward();
    optimizer.step();
    for (const [key, value] of net.stateDict()) {
      if (key.startsWith('layers.')) expect(value.toArray()).toEqual(before.get(key));
    }
    expect(net.heads.get('right').weight.toArray()).not.toEqual(before.get('heads.right.weight'));
    expect(net.layers.at(0).weight.grad).toBeNull();
    expect(
      net
        .requiresGrad_()
        .parameters()
        .every(({ requiresGrad }) => requiresGrad),
    ).toBe(true);
  });
});

describe('loadStateDict', () => {
  it('converts to the element type of each tensor', () => {
    const net = new Sequential(new Linear(2, 1));
    net.loadStateDict(
      new Map([
        ['0.weight', tensor([[0.5, 2]], { dtype: 'float64' })],
        ['0.bias', tensor([3], { dtype: 'int32' })],
      ]),
    );
    expect([...net.stateDict()].map(([, value]) => [value.dtype, value.toArray()])).toEqual([
      ['float32', [[0.5, 2]]],
      ['float32', [3]],
    ]);
  });
});

const data = process.env['GRADWIRE_DATA'] ?? join(import.meta.dirname, '../../../../shared/data');
const pretrained = join(data, 'pretrained/mnist-mlp');

describe.skipIf(!existsSync(`${pretrained}.safetensors`))('a model that others have trained', () => {
  it('loads into nested Sequentials, gives its known logits, and 98.49 % on the test set of MNIST', () => {
    const block = (from: number, to: number): Sequential => new Sequential(new Linear(from, to), new ReLU());
    const model = new Sequential(block(784, 512), block(512, 128), block(128, 32), new Linear(32, 10));
    model.loadStateDict(readSafetensors(readFileSync(`${pretrained}.safetensors`)).tensors);

    const pixels = idx('t10k-images-idx3-ubyte.gz', 16);
    const labels = fromTypedArray(idx('t10k-labels-idx1-ubyte.gz', 8), [10_000]);
    const x = fromTypedArray(
      Float32Array.from(pixels, (pixel) => pixel / 255),
      [10_000, 784],
    );
    const logits = noGrad(() => model.forward(x));
    expect(accuracy(logits, labels.to('int32'))).toBeCloseTo(0.9849, 6);

    const { logits: expected } = JSON.parse(readFileSync(`${pretrained}.expected.json`, 'utf8')) as {
      logits: number[][];
    };
    const ours = logits.slice(0, 0, 100).toArray() as number[][];
    for (const [i, row] of expected.entries()) {
      for (const [j, value] of row.entries()) expect(Math.abs(ours[i]![j]! - value)).toBeLessThan(1e-2);
    }
  });
});

/** The body of a gzipped IDX file. */
function idx(name: string, headerBytes: number): Uint8Array {
  return new Uint8Array(gunzipSync(readFileSync(join(data, 'mnist', name)))).slice(headerBytes);
}
