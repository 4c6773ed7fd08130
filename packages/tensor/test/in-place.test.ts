import { describe, expect, it } from 'vitest';
import { noGrad } from '../src/autograd.ts';
import { grad } from '../src/autograd/grad.ts';
import { markChanged } from '../src/autograd/versions.ts';
import { tensor, zeros } from '../src/create.ts';
import { AutogradError, DTypeError, ShapeError } from '../src/errors.ts';
import '../src/methods.ts';
import type { Tensor } from '../src/tensor.ts';

const leaf = (data: Parameters<typeof tensor>[0]): Tensor => tensor(data, { requiresGrad: true });

describe('operations in place', () => {
  it('change the tensor, give it back, and are seen by its views', () => {
    const x = tensor([[1, 2], [3, 4]]); // prettier-ignore
    const column = x.select(1, 0);
    expect(x.add_(1)).toBe(x);
    expect(column.toArray()).toEqual([2, 4]);
    column.mul_(tensor([10, 100]));
    expect(x.toArray()).toEqual([[20, 3], [400, 5]]); // prettier-ignore
    expect(x.sub_(5).clamp_(0, 50).div_(2).toArray()).toEqual([[7.5, 0], [25, 0]]); // prettier-ignore
    x.copy_(tensor([7, 8], { dtype: 'int32' }));
    expect(x.toArray()).toEqual([[7, 8], [7, 8]]); // prettier-ignore
    x.select(0, 1).zero_();
    expect(x.toArray()).toEqual([[7, 8], [0, 0]]); // prettier-ignore
  });

  it('copy between regions that overlap as if the source had been read first', () => {
    const x = tensor([1, 2, 3, 4]);
    x.slice(0, 1, 4).copy_(x.slice(0, 0, 3));
    expect(x.toArray()).toEqual([1, 1, 2, 3]);
  });

  it('keep the type of the tensor', () => {
    const [whole, flags] = [tensor([5, -5], { dtype: 'int32' }), tensor([0, 1], { dtype: 'bool' })];
    expect([whole.add_(1).dtype, whole.fill_(2.7).toArray()]).toEqual(['int32', [2, 2]]);
    expect(flags.fill_(3).toArray()).toEqual([1, 1]);
    expect(() => whole.div_(2)).toThrow(DTypeError);
    expect(() => whole.add_(0.5)).toThrow('add_: a int32 tensor cannot hold the float32 result');
    expect(whole.toArray()).toEqual([2, 2]);
  });

  it('refuse shapes that do not fit and views whose elements share memory', () => {
    const x = zeros([3]);
    expect(() => x.add_(zeros([2, 3]))).toThrow('add_: the result [2, 3] does not fit into the tensor [3]');
    expect(() => x.copy_(zeros([2, 3]))).toThrow(ShapeError);
    expect(() => x.expand([2, 3]).fill_(1)).toThrow('fill_: elements of this view [2, 3] share memory');
    expect(() => x.unfold(0, 2, 1).fill_(1)).toThrow(ShapeError);
    expect(x.unsqueeze(0).expand([1, 3]).fill_(1).toArray()).toEqual([[1, 1, 1]]);
  });
});

describe('gradients of what was changed in place', () => {
  it('follow a result through its changes', () => {
    const [x, w] = [leaf([1, 2]), leaf([3, 4])];
    const y = x.mul(w);
    y.add_(x).mul_(w); // (xw + x)w
    y.sum().backward();
    expect(x.grad!.toArray()).toEqual([12, 20]); // w² + w
    expect(w.grad!.toArray()).toEqual([7, 18]); // 2xw + x
  });

  it('are those of the value that an operation has read, before or after the change', () => {
    const [x, w] = [leaf([2]), leaf([5])];
    const y = x.mul(3);
    const before = y.add(1);
    y.mul_(w);
    const [gx, gw] = grad(before.add(y), [x, w]);
    expect([gx!.item(), gw!.item()]).toEqual([3 + 15, 6]);
  });

  it('are 0 where a value was overwritten', () => {
    const [x, v] = [leaf([1, 2, 3]), leaf([7])];
    const y = x.mul(2);
    y.slice(0, 1, 2).copy_(v);
    y.mul(y).sum().backward();
    expect([x.grad!.toArray(), v.grad!.toArray()]).toEqual([[8, 0, 24], [14]]);
    const z = x.mul(2).zero_();
    expect([z.requiresGrad, grad(z.sum(), x)[0]!.toArray()]).toEqual([true, [0, 0, 0]]);
  });

  it('are 0 there also where what comes back is infinite', () => {
    const x = leaf([1, 2]);
    const y = x.mul(2);
    y.slice(0, 0, 1).zero_();
    y.sqrt().sum().backward(); // slope ∞ at 0
    expect(x.grad!.toArray()).toEqual([0, 0.5]);
  });

  it('reach a tensor that required none when something that does is written into it', () => {
    const [w, table] = [leaf([2, 3]), zeros([3, 2])];
    const seen = table.t();
    table.select(0, 1).copy_(w.mul(w));
    expect([table.requiresGrad, seen.sum().requiresGrad]).toEqual([true, true]);
    seen.sum().backward();
    expect(w.grad!.toArray()).toEqual([4, 6]);
  });

  it('follow views of views, and a view that was made before the change', () => {
    const x = leaf([[1, 2], [3, 4]]); // prettier-ignore
    const y = x.mul(1);
    const row = y.select(0, 0);
    y.t().select(0, 0).mul_(10);
    row.mul(row).sum().backward(); // (10x₀₀)² + x₀₁²
    expect(x.grad!.toArray()).toEqual([[200, 4], [0, 0]]); // prettier-ignore
  });

  it('begin at a stale view as they do at a fresh one', () => {
    const x = leaf([3]);
    const y = x.mul(2);
    const view = y.reshape([]);
    y.mul_(x);
    view.backward();
    expect(x.grad!.item()).toBe(12);
  });

  it('add up for an expanded view, and are refused for windows that overlap', () => {
    const x = leaf([1, 2, 3]);
    const y = x.mul(1);
    const [tall, windows] = [y.expand([4, 3]), y.unfold(0, 2, 1)];
    y.mul_(5);
    tall.sum().backward();
    expect(x.grad!.toArray()).toEqual([20, 20, 20]);
    expect(() => windows.sum()).toThrow('has windows that overlap; make it after the change');
  });

  it('have gradients themselves', () => {
    const x = leaf([2]);
    const y = x.mul(x).mul_(x); // x³
    const [g] = grad(y, x, { createGraph: true });
    expect([g!.item(), grad(g!, x)[0]!.item()]).toEqual([12, 12]);
  });

  it('are kept by retainGrad for the value after the change', () => {
    const x = leaf([2]);
    const y = x.mul(3);
    y.retainGrad();
    y.mul_(10);
    y.mul(7).backward();
    expect([y.grad!.item(), x.grad!.item()]).toEqual([7, 210]);
  });
});

describe('changes that gradients do not survive', () => {
  it('are refused for a leaf that requires a gradient, and for its views, while recording', () => {
    const x = leaf([1, 2]);
    expect(() => x.add_(1)).toThrow(
      'add_: [2] is a leaf that requires a gradient; change it inside noGrad(() => …), or a clone() of it',
    );
    expect(() => x.slice(0, 0, 1).zero_()).toThrow('zero_: [1] is a view of a leaf that requires a gradient');
    noGrad(() => x.add_(1));
    x.detach().mul_(2);
    expect([x.toArray(), x.requiresGrad, x.node]).toEqual([[4, 6], true, null]);
  });

  it.each<[string, (y: Tensor, x: Tensor) => Tensor]>([
    ['add_ of a number', (y) => y.add_(1)],
    ['add_ of a tensor', (y, x) => y.add_(x)],
    ['relu_', (y) => y.relu_()],
  ])('are refused where %s has lost a value that is needed', (_, change) => {
    const x = leaf([1, 2]);
    const y = x.mul(3);
    const square = y.mul(y);
    change(y, x);
    expect(() => square.sum().backward()).toThrow(AutogradError);
  });

  it('are found before backward reads a changed value, which names the operation', () => {
    const x = leaf([1, 2]);
    const y = x.exp();
    y.add_(1);
    expect(() => y.sum().backward()).toThrow(AutogradError);
    const z = x.mul(2);
    const product = z.mul(x);
    z.zero_();
    expect(() => product.sum().backward()).toThrow(
      /^backward: mul needs its input \[2\] as it was .* changed in place/,
    );
  });

  it('do not matter to operations that do not read the value', () => {
    const x = leaf([1, 2]);
    const y = x.mul(2);
    const sum = y.add(x);
    y.zero_();
    sum.sum().backward();
    expect(x.grad!.toArray()).toEqual([3, 3]);
    const z = x.mul(2);
    const masked = z.mul(tensor([0, 1])); // a factor that gets no gradient
    z.zero_();
    masked.sum().backward();
    expect(x.grad!.toArray()).toEqual([3, 5]);
  });

  it('are found through every name of the memory, also for a leaf changed under noGrad', () => {
    const changes: ((w: Tensor) => void)[] = [
      (w) => noGrad(() => w.mul_(2)),
      (w) => w.detach().fill_(0),
      (w) => noGrad(() => w.slice(0, 1, 2).zero_()),
      (w) => {
        w.view()[0] = 7;
        markChanged(w);
      },
    ];
    for (const change of changes) {
      const [x, w] = [leaf([1, 2]), leaf([3, 4])];
      const product = x.mul(w);
      change(w);
      expect(() => product.sum().backward()).toThrow('backward: mul needs its input [2]');
      x.mul(w).sum().backward();
      expect(x.grad!.toArray()).toEqual(w.toArray());
    }
  });
});
