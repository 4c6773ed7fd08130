import { fromTypedArray, GradwireError, step, type Tensor } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { Conv2d } from '../src/layers/convolution.ts';
import { Linear } from '../src/layers/linear.ts';
import { LSTM } from '../src/recurrent/lstm.ts';
import { Sequential } from '../src/layers/sequential.ts';
import { SGD } from '../src/optim/sgd.ts';
import { removeWeightNorm, weightNorm } from '../src/weight-norm.ts';

const numbers = (shape: number[]): Tensor =>
  fromTypedArray(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((7 * i * i + i) % 11) / 5 - 1),
    shape,
  );

function expectClose(actual: Tensor, expected: Tensor): void {
  expect(actual.shape).toEqual(expected.shape);
  expect(actual.detach().sub(expected.detach()).abs().max().item()).toBeLessThan(1e-5);
}

type Parts = Record<'weight' | 'weight_g' | 'weight_v', Tensor>;

describe('weightNorm', () => {
  it.each([
    [0, [4, 1, 1, 1]],
    [1, [1, 3, 1, 1]],
    [-1, [1, 1, 1, 2]],
    [null, []],
  ])('along %j leaves the function as it was, with the keys and shapes of PyTorch', (dim, lengths) => {
    const layer = new Conv2d(3, 4, 2);
    const x = numbers([1, 3, 5, 5]);
    const before = layer.forward(x);
    weightNorm(layer, 'weight', dim);
    expect([...layer.stateDict().keys()]).toEqual(['bias', 'weight_g', 'weight_v']);
    expect((layer as unknown as Parts).weight_g.shape).toEqual(lengths);
    expectClose(layer.forward(x), before);
  });

  it('gives the direction a gradient at right angles to it', () => {
    const layer = weightNorm(new Linear(5, 3));
    const { weight_g: g, weight_v: v } = layer as unknown as Parts;
    layer
      .forward(numbers([4, 5]))
      .pow(2)
      .sum()
      .backward();
    expect(v.grad!.mul(v.detach()).sum(1).abs().max().item()).toBeLessThan(1e-5);
    expect(g.grad!.shape).toEqual([3, 1]);
  });

  it('is learned in steps by an optimizer, which sees lengths and directions', () => {
    const model = new Sequential(weightNorm(new Linear(2, 3)), new Linear(3, 1));
    expect(model.namedParameters().map(([name]) => name)).toEqual(['0.bias', '0.weight_g', '0.weight_v', '1.weight', '1.bias']); // prettier-ignore
    const optimizer = new SGD(model.parameters(), { lr: 0.05 });
    const [x, y] = [numbers([8, 2]), numbers([8, 1])];
    const losses = Array.from({ length: 30 }, () =>
      step(() => {
        optimizer.zeroGrad();
        const loss = model.forward(x).sub(y).pow(2).mean();
        loss.backward();
        optimizer.step();
        return loss.item();
      }),
    );
    expect(losses.at(-1)).toBeLessThan(losses[0]! * 0.9);
  });

  it('loads and gives state dicts, and follows what was loaded', () => {
    const [a, b] = [weightNorm(new Linear(4, 2)), weightNorm(new Linear(4, 2))];
    b.loadStateDict(a.stateDict());
    expectClose(b.forward(numbers([3, 4])), a.forward(numbers([3, 4])));
  });

  it('works for the weights of recurrent layers', () => {
    const lstm = new LSTM(3, 2);
    const before = lstm.forward(numbers([4, 1, 3]))[0];
    weightNorm(lstm, 'weight_hh_l0');
    expect([...lstm.stateDict().keys()].slice(-2)).toEqual(['weight_hh_l0_g', 'weight_hh_l0_v']);
    expectClose(lstm.forward(numbers([4, 1, 3]))[0], before);
  });

  it('is taken back by removeWeightNorm, with the weight as it stands', () => {
    const layer = weightNorm(new Linear(4, 2));
    const { weight_g: g } = layer as unknown as Parts;
    g.view().fill(2);
    const before = layer.forward(numbers([3, 4]));
    expect([...removeWeightNorm(layer).stateDict().keys()].sort()).toEqual(['bias', 'weight']);
    expectClose(layer.forward(numbers([3, 4])), before);
    expect(layer.weight.detach().norm(1).data()[0]).toBeCloseTo(2, 5);
  });

  it.each([
    [() => weightNorm(new Linear(2, 2), 'wheight'), 'Linear has no parameter "wheight"'],
    [() => weightNorm(weightNorm(new Linear(2, 2))), 'Linear has no parameter "weight"'],
    [() => weightNorm(new Linear(2, 2), 'weight', 2), '"weight" has no dimension 2; it has 2'],
    [() => removeWeightNorm(new Linear(2, 2)), '"weight" of Linear is not normalised'],
  ])('refuses what it cannot do %#', (call, message) => {
    expect(call).toThrow(GradwireError);
    expect(call).toThrow(message);
  });
});
