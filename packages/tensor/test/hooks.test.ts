import { describe, expect, it } from 'vitest';
import { grad } from '../src/autograd/grad.ts';
import { ones, tensor } from '../src/create.ts';
import { AutogradError, ShapeError } from '../src/errors.ts';
import { linear } from '../src/ops/linear.ts';
import '../src/methods.ts';
import type { Tensor } from '../src/tensor.ts';

const leaf = (data: Parameters<typeof tensor>[0]): Tensor => tensor(data, { requiresGrad: true });

describe('registerHook', () => {
  it('calls hooks in the order of registration, each with what the one before has returned', () => {
    const x = leaf([1, 2]);
    const y = x.mul(3);
    const seen: unknown[] = [];
    y.registerHook((g) => void seen.push(['first', g.toArray()]));
    y.registerHook((g) => g.mul(10));
    y.registerHook((g) => void seen.push(['third', g.toArray()]));
    y.mul(2).sum().backward();
    expect(seen).toEqual([
      ['first', [2, 2]],
      ['third', [20, 20]],
    ]);
    expect(x.grad!.toArray()).toEqual([60, 60]);
  });

  it('waits until the gradient is complete, and runs once for many uses', () => {
    const x = leaf([2]);
    const y = x.mul(1);
    const seen: number[] = [];
    for (const t of [x, y]) t.registerHook((g) => void seen.push(g.item()));
    y.mul(3).add(y.mul(4)).add(x).backward();
    expect(seen).toEqual([7, 8]); // the result first, then the leaf
  });

  it('replaces what a leaf gets, and adds it to the gradient that is there', () => {
    const w = leaf([[1, 2]]);
    w.registerHook((g) => g.clamp(-1, 1));
    for (let i = 0; i < 2; i++)
      linear(tensor([[0.5, 40]]), w)
        .sum()
        .backward();
    expect(w.grad!.toArray()).toEqual([[1, 2]]);
    const x = leaf(3);
    x.registerHook((g) => g.mul(5));
    x.backward();
    expect(x.grad!.item()).toBe(5);
  });

  it('is undone by remove, also twice and from within a hook', () => {
    const x = leaf([1]);
    let calls = 0;
    const once = x.registerHook(() => {
      calls++;
      once.remove();
    });
    const doubling = x.registerHook((g) => g.mul(2));
    x.mul(3).backward();
    x.mul(3).backward();
    doubling.remove();
    doubling.remove();
    x.mul(3).backward();
    expect([calls, x.grad!.item()]).toEqual([1, 6 + 6 + 3]);
  });

  it('is not called where no gradient comes', () => {
    const x = leaf([1]);
    const unused = x.mul(2);
    unused.registerHook(() => expect.unreachable());
    x.mul(3).backward();
    expect(x.grad!.item()).toBe(3);
  });

  it('comes before gradHook, which sees the gradient that the hook has made', () => {
    const x = leaf([1]);
    const seen: number[] = [];
    x.registerHook((g) => g.mul(2));
    x.gradHook = (l) => seen.push(l.grad!.item());
    x.mul(3).add(x).backward();
    expect(seen).toEqual([8]);
  });

  it('refuses a replacement of another shape or type, and tensors without a gradient', () => {
    const x = leaf([1, 2]);
    const handle = x.registerHook(() => ones([3]));
    expect(() => x.sum().backward()).toThrow(ShapeError);
    handle.remove();
    x.registerHook((g) => g.to('float64'));
    expect(() => x.sum().backward()).toThrow(
      'registerHook: a hook returned float64 [2] for a tensor that is float32 [2]',
    );
    expect(() => tensor([1]).registerHook(() => {})).toThrow(AutogradError);
  });
});

describe('hooks together with grad', () => {
  it('see and replace the gradients of results on the way, and of the inputs asked for', () => {
    const x = leaf([2]);
    const y = x.mul(3);
    y.registerHook((g) => g.mul(10));
    x.registerHook((g) => g.add(1));
    const [gx, gy] = grad(y.mul(y), [x, y]);
    expect([gy!.item(), gx!.item(), x.grad]).toEqual([120, 361, null]);
  });

  it('are not called for leaves that were not asked for', () => {
    const [x, w] = [leaf([2]), leaf([3])];
    w.registerHook(() => expect.unreachable());
    expect(grad(x.mul(w), x)[0]!.item()).toBe(3);
  });

  it('are part of the graph with createGraph', () => {
    const x = leaf([2]);
    const y = x.mul(1);
    const handle = y.registerHook((g) => g.mul(x));
    const [g] = grad(y.pow(3), x, { createGraph: true }); // 3x²·x
    handle.remove();
    expect([g!.item(), grad(g!, x)[0]!.item()]).toEqual([24, 3 * 3 * 4]);
  });
});

describe('retainGrad', () => {
  it('keeps the gradient of a result, added up over backwards, after its hooks', () => {
    const x = leaf([1, 2]);
    const y = x.mul(3);
    y.retainGrad();
    y.registerHook((g) => g.mul(2));
    const z = y.mul(y).sum();
    z.backward(undefined, { retainGraph: true });
    expect(y.grad!.toArray()).toEqual([12, 24]);
    z.backward();
    expect(y.grad!.toArray()).toEqual([24, 48]);
    expect(x.grad!.toArray()).toEqual([72, 144]);
  });

  it('is nothing new to a leaf, and refused where there is no gradient', () => {
    const x = leaf([1]);
    x.retainGrad();
    x.mul(3).backward();
    expect(x.grad!.item()).toBe(3);
    expect(() => tensor([1]).retainGrad()).toThrow('retainGrad: tensor [1] requires no gradient');
  });

  it('leaves other results without a gradient', () => {
    const y = leaf([1]).mul(2);
    y.mul(2).backward();
    expect(y.grad).toBeNull();
  });
});
