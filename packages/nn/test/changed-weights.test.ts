import { AutogradError, ones, type Tensor } from '@gradwire/tensor';
import { expect, it } from 'vitest';
import { Linear } from '../src/layers/linear.ts';
import { Sequential } from '../src/layers/sequential.ts';
import { SGD } from '../src/optim/sgd.ts';

const model = (): Sequential => new Sequential(new Linear(2, 2), new Linear(2, 1));
const lossOf = (net: Sequential): Tensor => net.forward(ones([1, 2])).sum();

it('backward over a graph from before an optimizer step is refused, and a new graph is not', () => {
  const net = model();
  const optimizer = new SGD(net.parameters(), { lr: 0.1 });
  const loss = lossOf(net);
  loss.backward(undefined, { retainGraph: true });
  optimizer.step();
  expect(() => loss.backward()).toThrow(AutogradError);
  expect(() => lossOf(net).backward()).not.toThrow();
});

it('a step does not concern graphs of parameters that it left as they were', () => {
  const net = model();
  const other = model();
  const optimizer = new SGD([...net.parameters(), ...other.parameters()], { lr: 0.1 });
  const loss = lossOf(other);
  lossOf(net).backward();
  optimizer.step();
  expect(() => loss.backward()).not.toThrow();
});

it('backward over a graph from before loadStateDict is refused', () => {
  const net = model();
  const loss = lossOf(net);
  net.loadStateDict(model().stateDict());
  expect(() => loss.backward()).toThrow('changed in place');
});
