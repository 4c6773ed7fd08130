import { describe, expect, it } from 'vitest';
import { noGrad } from '../src/autograd.ts';
import { checkpoint } from '../src/autograd/checkpoint.ts';
import { grad } from '../src/autograd/grad.ts';
import { isRecomputing } from '../src/autograd/recompute.ts';
import { full, tensor } from '../src/create.ts';
import { AutogradError } from '../src/errors.ts';
import { memoryUsage } from '../src/heap/allocate.ts';
import { step } from '../src/heap/step.ts';
import { dropout } from '../src/ops/dropout.ts';
import { linear } from '../src/ops/linear.ts';
import { defaultGenerator, manualSeed, randn } from '../src/random/default-generator.ts';
import '../src/methods.ts';
import type { Tensor } from '../src/tensor.ts';

const leaf = (shape: number[]): Tensor => randn(shape).requiresGrad_();
const bits = (x: Tensor | null): string => (x ? Buffer.from(x.data().buffer).toString('hex') : 'none');
type Wrap = typeof checkpoint;
const plain: Wrap = (fn, ...args) => fn(...args);

/** The bits of loss, gradients of leaves and the state of the generator after `body`, inside and outside of a step. */
function outcomes(leaves: readonly Tensor[], body: () => Tensor): string[] {
  const run = (): string[] => {
    manualSeed(5);
    for (const x of leaves) x.grad = null;
    const loss = body();
    loss.backward();
    return [bits(loss), ...leaves.map(({ grad }) => bits(grad)), JSON.stringify(defaultGenerator().state)];
  };
  const outside = run();
  expect(step(run)).toEqual(outside);
  return outside;
}

function expectSameBits(leaves: readonly Tensor[], body: (wrap: Wrap) => Tensor): void {
  expect(outcomes(leaves, () => body(checkpoint))).toEqual(outcomes(leaves, () => body(plain)));
}

describe('checkpoint gives the same bits as without', () => {
  for (const size of [5, 80]) {
    const shape = [size, size];

    it(`with dropout, shared leaves, and an input that is used outside too (${size})`, () => {
      const [x, w, v] = [leaf(shape), leaf(shape), leaf([size])];
      expectSameBits([x, w, v], (wrap) => {
        const h = linear(x, w, v).tanh();
        const segment = (a: Tensor): Tensor => dropout(linear(a, w, v).sigmoid().add(a).mul(a), 0.3);
        const once = wrap(segment, h);
        const twice = wrap(segment, once.add(h));
        return dropout(twice.mul(h).add(h).add(linear(once, w)), 0.5).sum();
      });
    });

    it(`for several inputs and results, other values, views, and inputs without gradient (${size})`, () => {
      const [x, w, constant] = [leaf(shape), leaf(shape), randn(shape)];
      expectSameBits([x, w], (wrap) => {
        const [a, n, { b, unused }] = wrap(
          (y: Tensor, { scale }: { scale: number }, c: Tensor): [Tensor, string, { b: Tensor; unused: Tensor[] }] => [
            y.t().mul(scale).add(c),
            'text',
            { b: y.matmul(w).narrow(0, 1, 2), unused: [y.exp()] },
          ],
          x.mul(2),
          { scale: 3 },
          constant,
        );
        expect([n, unused[0].requiresGrad, a.shape]).toEqual(['text', true, shape]);
        return a.mul(a).mean().add(b.sum());
      });
    });

    it(`nested, and with tensors that only the function knows (${size})`, () => {
      const [x, w] = [leaf(shape), leaf(shape)];
      expectSameBits([x, w], (wrap) => {
        const known = x.exp();
        const inner = (a: Tensor): Tensor => dropout(a.matmul(w), 0.2).add(known);
        const outer = (a: Tensor): Tensor => wrap(inner, wrap(inner, a).tanh()).mul(a);
        return wrap(outer, x.mul(0.1)).mul(known).sum();
      });
    });
  }
});

describe('checkpoint', () => {
  it('runs the function once more in each backward, and tells it so', () => {
    const w = leaf([3]);
    const runs: boolean[] = [];
    const y = checkpoint(() => (runs.push(isRecomputing()), w.mul(w)));
    expect(runs).toEqual([false]);
    y.sum().backward(undefined, { retainGraph: true });
    y.sum().backward();
    expect(runs).toEqual([false, true, true]);
    expect(w.grad!.toArray()).toEqual(w.mul(4).toArray());
    expect(() => y.sum().backward()).toThrow(/is released/);
  });

  it('only runs it where nothing is recorded, or nothing needs a gradient', () => {
    let runs = 0;
    const double = (x: Tensor): Tensor => (runs++, x.mul(2));
    const w = leaf([2]);
    expect(noGrad(() => checkpoint(double, w)).requiresGrad).toBe(false);
    expect(checkpoint(double, tensor([1])).requiresGrad).toBe(false);
    expect(checkpoint((x: Tensor) => x, w)).toBe(w);
    expect(runs).toBe(2);
  });

  it('counts each leaf as used once, so that its hooks run once, when its gradient is complete', () => {
    const [w, v] = [tensor([2], { requiresGrad: true }), tensor([3], { requiresGrad: true })];
    const ready: string[] = [];
    w.gradHook = ({ grad }) => void ready.push(`w ${grad!.item()}`);
    v.gradHook = ({ grad }) => void ready.push(`v ${grad!.item()}`);
    v.registerHook((g) => g.mul(10));
    const y = checkpoint((x: Tensor) => x.mul(w).mul(w).mul(v), w.mul(v));
    y.add(w).sum().backward(); // w³·v² + w
    expect(ready).toEqual(['w 109', 'v 480']);
  });

  it('gives a leaf that has no part in what backward reaches no gradient, but counts it off', () => {
    const [w, v] = [leaf([2]), leaf([2])];
    let count = 0;
    v.gradHook = () => void count++;
    const [a] = checkpoint((): [Tensor, Tensor] => [w.mul(2), v.mul(3)]);
    a.sum().backward();
    expect([bits(v.grad), count]).toEqual(['none', 1]);
  });

  it('has gradients of gradients, and gives them to grad', () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const cube = (wrap: Wrap): string[] => {
      const y = wrap((a: Tensor) => a.mul(a).mul(x), x.mul(1));
      const [slope] = grad(y.sum(), x, { createGraph: true });
      const [curve] = grad(slope.sum(), x);
      return [bits(slope), bits(curve)];
    };
    expect(cube(checkpoint)).toEqual(cube(plain));
    expect(grad(checkpoint((a: Tensor) => a.pow(2), x).sum(), x)[0].toArray()).toEqual([2, 4]);
  });

  it('keeps what hooks of its results and inputs do', () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const h = x.mul(2);
    h.retainGrad();
    h.registerHook((g) => g.add(1));
    const y = checkpoint((a: Tensor) => a.mul(3), h);
    y.registerHook((g) => g.mul(5));
    y.sum().backward();
    expect([h.grad!.toArray(), x.grad!.toArray()]).toEqual([
      [16, 16],
      [32, 32],
    ]);
  });

  it('takes memory for one segment instead of all results', () => {
    const MIB = 2 ** 20;
    const x = full([MIB / 4], 0.1, { requiresGrad: true });
    const segment = (a: Tensor): Tensor => {
      for (let i = 0; i < 10; i++) a = a.tanh();
      return a;
    };
    const grown = (wrap: Wrap): number => {
      const before = memoryUsage().stepBytes;
      step(() => {
        let y = x;
        for (let i = 0; i < 8; i++) y = wrap(segment, y);
        y.sum().backward();
      });
      return (memoryUsage().stepBytes - before) / MIB;
    };
    expect(grown(checkpoint)).toBeLessThan(32);
    expect(grown(plain)).toBeGreaterThan(40); // beyond what the first has claimed
  });

  it('refuses functions that cannot run twice', () => {
    const w = leaf([2]);
    const h = (): Tensor => w.mul(2);
    const message = (run: () => unknown): string => {
      try {
        run();
      } catch (error) {
        expect(error).toBeInstanceOf(AutogradError);
        return (error as Error).message;
      }
      return 'nothing was thrown';
    };
    expect(message(() => checkpoint((a: Tensor) => a.add_(1), h()))).toMatch(/changes a tensor \[2\] from outside/);
    expect(message(() => checkpoint(() => 5))).toMatch(/must return a tensor/);
    let runs = 0;
    const unlike = checkpoint((a: Tensor) => (runs++ === 0 ? a.mul(2) : a.mul(2).sum()), w);
    expect(message(() => unlike.sum().backward())).toMatch(/did something else when it ran again/);
    const others = [leaf([2]), leaf([2])];
    const fickle = checkpoint((a: Tensor) => a.mul(others.pop()!), h());
    expect(message(() => fickle.sum().backward())).toMatch(/did something else/);
    const late = checkpoint((a: Tensor) => a.mul(a), w);
    noGrad(() => w.add_(1));
    expect(message(() => late.sum().backward())).toMatch(/checkpoint needs its input \[2\]/);
  });
});
