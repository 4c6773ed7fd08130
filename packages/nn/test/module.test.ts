import { GradwireError, ones, readSafetensors, tensor, writeSafetensors, zeros, type Tensor } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { Linear } from '../src/layers/linear.ts';
import { Module } from '../src/module.ts';
import { Parameter } from '../src/parameter.ts';
import { leNet, NamedNet } from './networks.ts';

/** One layer that is used twice under two names, and a buffer. */
class Tied extends Module {
  readonly encoder = new Linear(2, 2);
  readonly decoder = this.encoder;
  readonly scale = new Parameter(ones([1]));

  constructor() {
    super();
    this.registerBuffer('running_mean', zeros([2]));
  }

  forward(x: Tensor): Tensor {
    return this.decoder.forward(this.encoder.forward(x)).mul(this.scale);
  }
}

describe('names', () => {
  it("of Sequential's parameters count the layers, as PyTorch does", () => {
    expect([...leNet().stateDict()].map(([key, { shape }]) => `${key} [${shape.join(', ')}]`)).toEqual([
      '0.weight [6, 1, 5, 5]',
      '0.bias [6]',
      '3.weight [16, 6, 5, 5]',
      '3.bias [16]',
      '7.weight [120, 400]',
      '7.bias [120]',
      '9.weight [84, 120]',
      '9.bias [84]',
      '11.weight [10, 84]',
      '11.bias [10]',
    ]);
  });

  it('of a class are the paths of its fields, in the order in which they were set', () => {
    const net = new NamedNet();
    expect(net.namedParameters().map(([name]) => name)).toEqual(['conv1.weight', 'conv1.bias', 'head.1.weight']);
    expect(net.namedModules().map(([name]) => name)).toEqual(['', 'conv1', 'head', 'head.0', 'head.1']);
  });

  it('of a shared parameter: once among the parameters, under each key in the state', () => {
    const tied = new Tied();
    expect(tied.namedParameters().map(([name]) => name)).toEqual(['scale', 'encoder.weight', 'encoder.bias']);
    expect([...tied.stateDict().keys()]).toEqual([
      ...['scale', 'running_mean', 'encoder.weight', 'encoder.bias', 'decoder.weight', 'decoder.bias'],
    ]);
    expect(tied.namedBuffers().map(([name]) => name)).toEqual(['running_mean']);
  });
});

describe('loadStateDict', () => {
  it('takes over every value through a file, so that both models give the same', () => {
    const [from, to] = [leNet(), leNet()];
    const x = ones([2, 1, 28, 28]);
    expect(to.forward(x).toArray()).not.toEqual(from.forward(x).toArray());
    to.loadStateDict(readSafetensors(writeSafetensors(from.stateDict())).tensors);
    expect(to.forward(x).toArray()).toEqual(from.forward(x).toArray());
  });

  it('names missing and unknown keys, and copies nothing then', () => {
    const net = new NamedNet();
    const before = net.conv1.weight.toArray();
    const state = new Map<string, Tensor>([
      ['conv1.weight', zeros([2, 1, 3, 3])],
      ['fc.bias', zeros([1])],
    ]);
    expect(() => net.loadStateDict(state)).toThrow(
      new GradwireError(
        'ERR_STATE_DICT',
        'loadStateDict: 2 missing ("conv1.bias", "head.1.weight"); 1 unknown ("fc.bias")',
      ),
    );
    expect(net.conv1.weight.toArray()).toEqual(before);
    net.loadStateDict(state, { strict: false });
    expect(net.conv1.weight.sum().item()).toBe(0);
  });

  it('names a shape that differs, strict or not, and copies nothing then', () => {
    const net = new NamedNet();
    const before = net.conv1.weight.toArray();
    const state = new Map<string, Tensor>(net.stateDict());
    state.set('conv1.weight', zeros([2, 1, 3, 3])).set('head.1.weight', zeros([3, 71]));
    expect(() => net.loadStateDict(state, { strict: false })).toThrow(
      new GradwireError('ERR_STATE_DICT', 'loadStateDict: "head.1.weight" is [3, 72] here but [3, 71] in the state'),
    );
    expect(net.conv1.weight.toArray()).toEqual(before);
  });
});

describe('modes and gradients', () => {
  it('train and eval reach every module inside', () => {
    const net = new NamedNet();
    expect(net.eval()).toBe(net);
    expect(net.namedModules().map(([, { training }]) => training)).toEqual(new Array(5).fill(false));
    net.train();
    expect(net.namedModules().every(([, { training }]) => training)).toBe(true);
  });

  it('zeroGrad drops the gradients of all parameters', () => {
    const net = new NamedNet();
    net
      .forward(ones([1, 1, 8, 8]))
      .sum()
      .backward();
    expect(net.parameters().every(({ grad }) => grad !== null)).toBe(true);
    net.zeroGrad();
    expect(net.parameters().every(({ grad }) => grad === null)).toBe(true);
  });

  it('a parameter is a leaf that requires a gradient, and must be of floats', () => {
    expect(new Parameter(zeros([2])).requiresGrad).toBe(true);
    expect(() => new Parameter(tensor([1], { dtype: 'int32' }))).toThrow('only float tensors have gradients');
  });
});
