import { describe, expect, it } from 'vitest';
import { noGrad, record } from '../src/autograd.ts';
import { ones, tensor, zeros } from '../src/create.ts';
import { AutogradError, DTypeError } from '../src/errors.ts';
import { conv2d } from '../src/ops/convolution.ts';
import { linear } from '../src/ops/linear.ts';
import '../src/methods.ts';
import type { Tensor } from '../src/tensor.ts';

const leaf = (data: Parameters<typeof tensor>[0]): Tensor => tensor(data, { requiresGrad: true });

describe('backward', () => {
  it('gives the gradient of a product of a matrix with itself', () => {
    const w = leaf([
      [1, 2],
      [3, 4],
    ]);
    w.matmul(w).sum().backward();
    expect(w.grad!.toArray()).toEqual([
      [7, 11],
      [9, 13],
    ]);
  });

  it('adds to the gradient that is there, until it is set to null', () => {
    const x = leaf([1, 2]);
    x.mul(3).sum().backward();
    x.mul(x).sum().backward();
    expect(x.grad!.toArray()).toEqual([5, 7]);
    x.grad = null;
    expect(x.grad).toBeNull();
    x.mul(3).sum().backward();
    expect(x.grad!.toArray()).toEqual([3, 3]);
  });

  it('adds also where an operation writes into the gradient directly', () => {
    const [w, b] = [leaf([[1, 2]]), leaf([0])];
    for (let i = 0; i < 2; i++)
      linear(tensor([[3, 4]]), w, b)
        .sum()
        .backward();
    expect([w.grad!.toArray(), b.grad!.toArray()]).toEqual([[[6, 8]], [2]]);
    const [k, c] = [leaf([[[[2]]]]), leaf([0])];
    const options = { stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 } as const;
    for (let i = 0; i < 2; i++)
      conv2d(tensor([[[[5]]]]), k, c, options)
        .sum()
        .backward();
    expect([k.grad!.toArray(), c.grad!.toArray()]).toEqual([[[[[10]]]], [2]]);
  });

  it('follows shared sub-expressions once, with the sum of what they get', () => {
    const x = leaf([2]);
    let y = x.mul(1);
    for (let i = 0; i < 40; i++) y = y.add(y); // 2⁴⁰ paths
    y.backward();
    expect(x.grad!.item()).toBe(2 ** 40);
  });

  it('follows a chain of 20,000 operations without running out of stack', () => {
    const x = leaf([1]);
    let y = x.add(0);
    for (let i = 0; i < 20_000; i++) y = y.add(1);
    y.backward();
    expect(x.grad!.item()).toBe(1);
  });

  it('takes the gradient of a result of any shape, and of a leaf itself', () => {
    const x = leaf([1, 2, 3]);
    x.mul(x).backward(tensor([1, 10, 100]));
    expect(x.grad!.toArray()).toEqual([2, 40, 600]);
    const y = leaf([5]);
    y.backward();
    expect(y.grad!.toArray()).toEqual([1]);
  });

  it('leaves inputs that require no gradient, and branches that are not used, without one', () => {
    const [x, y, unused] = [leaf([1]), tensor([2]), leaf([3])];
    const branch = unused.mul(x);
    x.mul(y).backward();
    expect([x.grad!.item(), y.grad, unused.grad]).toEqual([2, null, null]);
    expect(branch.requiresGrad).toBe(true);
  });

  it('refuses a second time over the same graph', () => {
    const loss = leaf([1, 2]).pow(2).sum();
    loss.backward();
    expect(() => loss.backward()).toThrow(
      new AutogradError(
        'backward: this graph was used by an earlier backward and is released; compute the result again, or keep it with retainGraph',
      ),
    );
  });

  it('refuses a result that is no scalar, one that depends on nothing, and gradients that do not fit', () => {
    const x = leaf([1, 2]);
    expect(() => x.mul(2).backward()).toThrow('backward: a tensor of shape [2] is no scalar; pass its gradient');
    expect(() => tensor([1]).backward()).toThrow(
      'backward: this tensor does not depend on any tensor with requiresGrad',
    );
    expect(() => x.gt(1).backward()).toThrow(
      'backward: this tensor is bool; comparisons, indices and conversions to whole numbers have no gradient',
    );
    expect(() => x.mul(2).backward(ones([3]))).toThrow("backward: gradient [3] must have the tensor's shape [2]");
    expect(() => x.mul(2).backward(ones([2], { dtype: 'float64' }))).toThrow(DTypeError);
  });
});

describe('what is recorded', () => {
  it('nothing inside noGrad, also nested and after an error', () => {
    const x = leaf([1]);
    expect(noGrad(() => noGrad(() => x.mul(2)) && x.mul(2)).requiresGrad).toBe(false);
    expect(() => noGrad(() => x.reshape([7]))).toThrow();
    expect(x.mul(2).requiresGrad).toBe(true);
  });

  it('detach shares the memory but cuts the graph', () => {
    const x = leaf([2, 3]);
    const y = x.mul(x.detach());
    y.sum().backward();
    expect(x.grad!.toArray()).toEqual([2, 3]);
    expect(x.detach().address).toBe(x.address);
  });

  it('requiresGrad_ changes leaves only, and floats only', () => {
    const x = leaf([1]);
    expect(x.requiresGrad_(false).mul(2).requiresGrad).toBe(false);
    expect(() => leaf([1]).mul(2).requiresGrad_(false)).toThrow('only leaves can change; use detach()');
    expect(() => tensor([1], { dtype: 'int32' }).requiresGrad_()).toThrow('only float tensors have gradients');
  });

  it('views of one leaf, strided ones too, add to the gradient at their own places', () => {
    const x = leaf([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const parts = [x.select(1, 0), x.t().slice(0, 2), x.slice(1, 0, 3, 2).reshape([-1])];
    parts.forEach((part, i) =>
      part
        .mul(10 ** i)
        .sum()
        .backward(),
    );
    expect(x.grad!.toArray()).toEqual([
      [101, 0, 110],
      [101, 0, 110],
    ]);
  });
});

describe('setting grad', () => {
  it('copies the values, so the gradient is independent of the tensor given, its layout and its type', () => {
    const x = leaf([
      [1, 2],
      [3, 4],
    ]);
    const given = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { dtype: 'float64' },
    );
    x.grad = given.t();
    given.view().fill(9);
    expect([x.grad!.toArray(), x.grad!.dtype, x.grad!.strides]).toEqual([
      [
        [1, 3],
        [2, 4],
      ],
      'float32',
      null,
    ]);
    x.sum().backward();
    expect(x.grad!.toArray()).toEqual([
      [2, 4],
      [3, 5],
    ]);
  });

  it('refuses another shape and keeps the gradient that is there', () => {
    const x = leaf([1, 2]);
    expect(() => (x.grad = ones([3]))).toThrow('grad: a gradient [3] does not fit a tensor [2]');
    expect(x.grad).toBeNull();
    x.sum().backward();
    expect(() => (x.grad = zeros([1, 2]))).toThrow('does not fit');
    expect(x.grad!.toArray()).toEqual([1, 1]);
  });
});

describe('a gradHook', () => {
  /** Notes the gradient that each call sees. */
  const watched = (data: Parameters<typeof tensor>[0]): { x: Tensor; seen: unknown[] } => {
    const [x, seen] = [leaf(data), [] as unknown[]];
    x.gradHook = (of) => seen.push(of.grad?.toArray() ?? null);
    return { x, seen };
  };

  it('is called once, with the whole gradient, however often the leaf is used', () => {
    const { x, seen } = watched([
      [1, 2],
      [3, 4],
    ]);
    linear(x, x).add(x.mul(2)).add(x.matmul(x)).sum().backward();
    expect(seen).toEqual([x.grad!.toArray()]);
  });

  it('is called again in each backward', () => {
    const { x, seen } = watched([1]);
    for (let i = 0; i < 3; i++) x.mul(2).backward();
    expect(seen).toEqual([[2], [4], [6]]);
  });

  it('is called for the leaf itself', () => {
    const { x, seen } = watched([1]);
    x.backward();
    expect(seen).toEqual([[1]]);
  });

  it('is not called for a leaf that the result does not depend on', () => {
    const [{ x, seen }, other] = [watched([1]), leaf([2])];
    x.mul(other);
    other.mul(3).backward();
    expect(seen).toEqual([]);
  });

  it('comes as soon as its leaf is complete, so the leaf used last comes first', () => {
    const order: string[] = [];
    const [first, last] = [leaf([[1]]), leaf([[1]])];
    first.gradHook = () => order.push('first');
    last.gradHook = () => order.push('last');
    linear(linear(tensor([[1]]), first), last).backward();
    expect(order).toEqual(['last', 'first']);
  });

  it('still comes once after a backward in which a gradient rule threw', () => {
    const { x, seen } = watched([1]);
    const broken = record(
      x.detach(),
      () => {
        throw new RangeError('no memory');
      },
      [x],
    );
    expect(() => broken.add(x.mul(2)).backward()).toThrow(RangeError);
    x.grad = null;
    x.mul(5).backward();
    expect(seen).toEqual([[5]]);
  });

  it('still comes once after a backward over a released graph', () => {
    const { x, seen } = watched([1]);
    const used = x.mul(2);
    used.backward();
    expect(() => used.add(x).backward()).toThrow(AutogradError);
    x.mul(5).backward();
    expect(seen).toEqual([[2], [7]]);
  });
});
