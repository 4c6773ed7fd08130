import { describe, expect, it } from 'vitest';
import { noGrad, record } from '../src/autograd.ts';
import { grad } from '../src/autograd/grad.ts';
import { ones, tensor } from '../src/create.ts';
import { AutogradError } from '../src/errors.ts';
import { linear } from '../src/ops/linear.ts';
import '../src/methods.ts';
import type { Tensor } from '../src/tensor.ts';

const leaf = (data: Parameters<typeof tensor>[0]): Tensor => tensor(data, { requiresGrad: true });

describe('grad', () => {
  it('gives the gradients of leaves and of results, and changes no grad', () => {
    const x = leaf([2, 3]);
    const y = x.mul(x);
    const [gx, gy] = grad(y.mul(3).sum(), [x, y]);
    expect([gx!.toArray(), gy!.toArray(), x.grad]).toEqual([[12, 18], [3, 3], null]);
  });

  it('does not write into leaves where an operation could', () => {
    const [x, w, b] = [leaf([[3, 4]]), leaf([[1, 2]]), leaf([0])];
    const grads = grad(linear(x, w, b), [w, b]);
    expect(grads.map((g) => g.toArray())).toEqual([[[3, 4]], [1]]);
    expect([w.grad, b.grad]).toEqual([null, null]);
  });

  it('adds over several outputs, each with its own gradient', () => {
    const x = leaf([2]);
    const [g] = grad([x.mul(3), x.mul(x), x], x, { gradOutputs: [tensor([10]), null, tensor([100])] });
    expect(g!.toArray()).toEqual([30 + 4 + 100]);
  });

  it('runs only the rules between inputs and outputs', () => {
    const x = leaf([1]);
    let calls = 0;
    const before = record(
      x.detach(),
      (g) => {
        calls++;
        return [g];
      },
      [x],
    );
    const y = before.mul(2);
    grad(y.mul(y), y);
    expect(calls).toBe(0);
  });

  it('gives null for an input without a part in the outputs only where that is allowed', () => {
    const [x, other] = [leaf([1]), leaf([2, 3])];
    expect(grad(x.mul(2), [x, other], { allowUnused: true })[1]).toBeNull();
    expect(() => grad(x.mul(2), [x, other])).toThrow(
      'grad: input 1 [2] has no part in the outputs; allowUnused: true gives null for it',
    );
    expect(() => grad(x.mul(2), tensor([1]))).toThrow('grad: input 0 [1] requires no gradient');
  });

  it('releases the graph unless it is to be kept', () => {
    const x = leaf([3]);
    const y = x.mul(x);
    expect(grad(y, x, { retainGraph: true })[0]!.item()).toBe(6);
    expect(grad(y, x)[0]!.item()).toBe(6);
    expect(() => grad(y, x)).toThrow('is released; compute the result again, or keep it with retainGraph');
    const z = x.mul(x);
    z.backward(undefined, { retainGraph: true });
    z.backward();
    expect(x.grad!.item()).toBe(12);
  });
});

describe('grad with createGraph', () => {
  it('gives derivatives of any order', () => {
    const x = leaf([2]);
    let y = x.pow(4);
    const values = [1, 2, 3, 4].map(() => {
      [y] = grad(y, x, { createGraph: true }) as [Tensor];
      return y.item();
    });
    expect(values).toEqual([32, 48, 48, 24]);
  });

  it('gives the product of the Hessian with a vector', () => {
    const x = leaf([1, 2]);
    const f = x.select(0, 0).pow(2).mul(x.select(0, 1)); // Hessian [[2b, 2a], [2a, 0]]
    const [g] = grad(f, x, { createGraph: true });
    const [product] = grad(g!, x, { gradOutputs: tensor([1, 10]) });
    expect(product!.toArray()).toEqual([4 + 20, 2]);
  });

  it('lets a penalty on the norm of the gradient reach the parameters', () => {
    const [x, w] = [leaf([[3, 4]]), leaf([[2, 0]])];
    const [g] = grad(linear(x, w).sum(), x, { createGraph: true });
    g!.pow(2).sum().backward(); // |w|²
    expect([w.grad!.toArray(), x.grad]).toEqual([[[4, 0]], null]);
  });

  it('records also inside noGrad, and its result requires no gradient where it depends on nothing', () => {
    const x = leaf([2]);
    const y = x.pow(3);
    const [g] = noGrad(() => grad(y, x, { createGraph: true }));
    expect([g!.requiresGrad, grad(g!, x)[0]!.item()]).toEqual([true, 12]);
    expect(grad(x.mul(3), x, { createGraph: true })[0]!.requiresGrad).toBe(false);
  });

  it('keeps what a gradient given for the outputs depends on', () => {
    const [x, v] = [leaf([2]), leaf([5])];
    const [g] = grad(x.mul(3), x, { gradOutputs: v, createGraph: true });
    expect(grad(g!, v)[0]!.item()).toBe(3);
  });

  it('refuses an operation whose rule does not record, by its name', () => {
    const x = leaf([1, 2]);
    function cubeGradient(g: Tensor): Tensor[] {
      return [g.detach()];
    }
    const cube = record(x.detach().pow(3), cubeGradient, [x]);
    expect(() => grad(cube.sum(), x, { createGraph: true })).toThrow(AutogradError);
    expect(() => grad(record(ones([2]), cubeGradient, [x]).sum(), x, { createGraph: true })).toThrow(
      'grad: cube has no second-order gradient',
    );
  });
});

it('a released graph stays refused after a rule has thrown, and a new one starts clean', () => {
  const x = leaf([1]);
  const y = x.mul(2);
  const broken = record(
    y.detach(),
    () => {
      throw new RangeError('no memory');
    },
    [y],
  );
  expect(() => broken.add(y).backward(undefined, { retainGraph: true })).toThrow(RangeError);
  y.backward();
  expect(x.grad!.item()).toBe(2);
});
