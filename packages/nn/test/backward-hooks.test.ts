import { grad, noGrad, ones, tensor, type Tensor } from '@gradwire/tensor';
import { expect, it } from 'vitest';
import { Linear } from '../src/layers/linear.ts';
import { Sequential } from '../src/layers/sequential.ts';
import { Module } from '../src/module.ts';
import { LSTM } from '../src/recurrent/lstm.ts';

/** (a·b, 3·a) of two tensors; the name between them is no tensor. */
class Two extends Module {
  forward(a: Tensor, name: string, b: Tensor): [Tensor, string, Tensor] {
    return [a.mul(b), name, a.mul(3)];
  }
}

const numbers = (gradients: readonly (Tensor | null)[]): unknown[] => gradients.map((g) => g?.toArray() ?? null);
const leaf = (values: number[]): Tensor => tensor(values).requiresGrad_();

it('a full backward hook sees the gradients of the input and the output', () => {
  const layer = new Linear(2, 2, { bias: false });
  layer.weight.view().set([1, 2, 3, 4]);
  const calls: unknown[] = [];
  const handle = layer.registerFullBackwardHook((module, ofInputs, ofOutputs) => {
    calls.push(module, numbers(ofInputs), numbers(ofOutputs));
  });
  const run = (): Tensor => layer.forward(ones([1, 2]).requiresGrad_());
  run().backward(tensor([[1, 10]]));
  expect(calls).toEqual([layer, [[[31, 42]]], [[[1, 10]]]]);
  handle.remove();
  run().sum().backward();
  expect(calls).toHaveLength(3);
});

it('a full backward hook is called with null for an input that needs no gradient', () => {
  const layer = new Linear(2, 1);
  const calls: unknown[] = [];
  layer.registerFullBackwardHook((_, ofInputs, ofOutputs) => void calls.push(numbers(ofInputs), numbers(ofOutputs)));
  layer
    .forward(ones([1, 2]))
    .sum()
    .backward();
  expect(calls).toEqual([[null], [[[1]]]]);
  expect(layer.weight.grad!.toArray()).toEqual([[1, 1]]);
});

it('what a full backward hook returns goes on backwards, and through the next hook; parameters are not affected', () => {
  const layer = new Linear(1, 1, { bias: false });
  layer.weight.view().set([5]);
  layer.registerFullBackwardHook((_, [ofInput]) => ofInput!.mul(10));
  layer.registerFullBackwardHook((_, [ofInput]) => [ofInput!.add(1)]);
  const x = leaf([2]);
  layer.forward(x.unsqueeze(0)).sum().backward();
  expect(x.grad!.toArray()).toEqual([51]);
  expect(layer.weight.grad!.toArray()).toEqual([[2]]);
});

it('several inputs and outputs come together, in their places, whichever were used', () => {
  const two = new Two();
  const [a, b] = [leaf([2, 3]), leaf([5, 7])];
  const calls: unknown[] = [];
  two.registerFullBackwardHook((_, ofInputs, ofOutputs) => {
    calls.push(numbers(ofInputs), numbers(ofOutputs));
    return [ofInputs[2], null, ofInputs[0]];
  });
  const [product, name, tripled] = two.forward(a, 'name', b);
  expect([product.toArray(), name, tripled.toArray()]).toEqual([[10, 21], 'name', [6, 9]]);
  product.sum().backward();
  expect(calls).toEqual([
    [[5, 7], null, [2, 3]],
    [[1, 1], null, [0, 0]],
  ]);
  expect([a.grad!.toArray(), b.grad!.toArray()]).toEqual([
    [2, 3],
    [5, 7],
  ]);
});

it('a full backward hook that only looks changes no gradient, also through time and where nothing is recorded', () => {
  const net = new LSTM(3, 2);
  const gradients = (): unknown[] => {
    net.zeroGrad();
    const x = ones([4, 1, 3]).requiresGrad_();
    const [output, h] = net.forward(x);
    output.sum().add(h.sum()).backward();
    return [x, ...net.parameters()].map(({ grad }) => grad!.toArray());
  };
  const before = gradients();
  let calls = 0;
  net.registerFullBackwardHook(() => void calls++);
  expect(gradients()).toEqual(before);
  expect(calls).toBe(1);
  const [output] = noGrad(() => net.forward(ones([4, 1, 3]).requiresGrad_()));
  expect(output.requiresGrad).toBe(false);
});

it('what a full backward hook returns is part of second derivatives, as in PyTorch', () => {
  class Cube extends Module {
    forward(x: Tensor): Tensor {
      return x.mul(x).mul(x);
    }
  }
  const cube = new Cube();
  cube.registerFullBackwardHook((_, [ofInput]) => ofInput!.mul(2));
  const x = leaf([3]);
  const [first] = grad(cube.forward(x).sum(), [x], { createGraph: true });
  expect(first!.toArray()).toEqual([54]);
  first!.sum().backward();
  expect(x.grad!.toArray()).toEqual([36]); // 2·6x: the second backward does not pass the output, so the hook is not called
});

it('a full backward hook that returns gradients of other number or shape is told so', () => {
  const back = (returned: readonly Tensor[]): void => {
    const layer = new Linear(2, 3);
    layer.registerFullBackwardHook(() => returned);
    new Sequential(layer)
      .forward(ones([1, 2]).requiresGrad_())
      .sum()
      .backward();
  };
  expect(() => back([])).toThrow('a backward hook of Linear returned 0 gradients for 1 inputs');
  expect(() => back([ones([2, 1])])).toThrow('must return a gradient [1, 2] for such an input, got [2, 1]');
});
