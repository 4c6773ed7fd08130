import { GradwireError, ones, ShapeError, type Tensor } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { ReLU } from '../src/layers/activations.ts';
import { Linear } from '../src/layers/linear.ts';
import { Sequential } from '../src/layers/sequential.ts';
import { Module } from '../src/module.ts';

/** A module that applies `fn`. */
class Apply extends Module {
  readonly #fn: (x: Tensor) => Tensor;

  constructor(fn: (x: Tensor) => Tensor) {
    super();
    this.#fn = fn;
  }

  forward(x: Tensor): Tensor {
    return this.#fn(x);
  }
}

class Block extends Module {
  readonly norm = new ReLU();
  readonly attention: Linear;

  constructor(width: number) {
    super();
    this.attention = new Linear(width, width);
  }

  forward(x: Tensor): Tensor {
    return this.attention.forward(this.norm.forward(x));
  }
}

class Network extends Module {
  readonly encoder = new Sequential(new Block(2), new Block(3));
  readonly out = this.encoder;

  forward(x: Tensor): Tensor {
    return this.encoder.forward(x);
  }
}

function caught(fn: () => unknown): GradwireError {
  try {
    fn();
  } catch (error) {
    if (error instanceof GradwireError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('an error inside a model', () => {
  const unfit = 'linear: x [1, 2] must end in 3, the input size of weight [3, 3]';

  it('names the path and type of the layer in which it arose, and keeps its class and code', () => {
    const error = caught(() => new Network().forward(ones([1, 2])));
    expect(error.message).toBe(`encoder.1.attention (Linear): ${unfit}`);
    expect(error).toBeInstanceOf(ShapeError);
    expect(error.code).toBe('ERR_SHAPE');
    expect(error.stack).toContain(`ShapeError: encoder.1.attention (Linear): ${unfit}\n    at`);
  });

  it('is seen from the module that was called: none for a layer alone', () => {
    const { encoder } = new Network();
    expect(caught(() => encoder.forward(ones([1, 2]))).message).toBe(`1.attention (Linear): ${unfit}`);
    expect(caught(() => new Linear(3, 3).forward(ones([1, 2]))).message).toBe(unfit);
  });

  it('that the code of a module itself has thrown names that module, once', () => {
    const failing = new Apply(() => {
      throw new ShapeError('Apply: two heads do not divide 3');
    });
    const { message } = caught(() => new Sequential(new ReLU(), new Sequential(failing)).forward(ones([1])));
    expect(message).toBe('1.0 (Apply): two heads do not divide 3');
  });

  it('in a layer that its caller does not hold is named by a module further out that does', () => {
    const linear = new Linear(3, 3);
    class Outer extends Module {
      readonly user = new Apply((x) => linear.forward(x));
      readonly kept = linear;
      forward(x: Tensor): Tensor {
        return this.user.forward(x);
      }
    }
    expect(caught(() => new Sequential(new Outer()).forward(ones([1, 2]))).message).toBe(`0.kept (Linear): ${unfit}`);
  });

  it('that is caught and thrown again keeps one path', () => {
    const inner = new Network();
    const again = new Apply((x) => {
      try {
        return inner.encoder.forward(x);
      } catch (error) {
        throw error as Error;
      }
    });
    expect(caught(() => new Sequential(again).forward(ones([1, 2]))).message).toBe(`1.attention (Linear): ${unfit}`);
  });

  it('that is none of ours is left as it is', () => {
    const error = new RangeError('of the caller');
    const broken = new Apply(() => {
      throw error;
    });
    expect(() => new Sequential(broken).forward(ones([1]))).toThrow(error);
    expect(error.message).toBe('of the caller');
  });
});

describe('forward hooks', () => {
  it('see inputs and output, in the order in which they were registered, until they are removed', () => {
    const seen: string[] = [];
    const layer = new Apply((x) => x.mul(2));
    const before = layer.registerForwardPreHook((module, inputs) => {
      seen.push(`before ${module.constructor.name} ${String(inputs)}`);
    });
    const after = [1, 2].map((n) =>
      layer.registerForwardHook((_, inputs, output) => {
        seen.push(`after ${n} ${String(inputs)} ${String(output)}`);
      }),
    );
    layer.forward(ones([1]));
    const [x, y] = ['tensor([1], float32)', 'tensor([2], float32)'];
    expect(seen).toEqual([`before Apply ${x}`, `after 1 ${x} ${y}`, `after 2 ${x} ${y}`]);
    before.remove();
    after[0]!.remove();
    after[0]!.remove();
    layer.forward(ones([1]));
    expect(seen.slice(3)).toEqual([`after 2 ${x} ${y}`]);
  });

  it('may give other inputs and another output', () => {
    const layer = new Apply((x) => x.mul(2));
    layer.registerForwardPreHook(() => ones([2]));
    layer.registerForwardHook((_, __, output) => (output as Tensor).add(1));
    expect(layer.forward(ones([1])).toArray()).toEqual([3, 3]);
    layer.registerForwardPreHook((_, [x]) => [(x as Tensor).mul(5)]);
    expect(layer.forward(ones([1])).toArray()).toEqual([11, 11]);
  });

  it('run once where a subclass calls super.forward, for instances of either class', () => {
    class Scaled extends Linear {
      override forward(x: Tensor): Tensor {
        return super.forward(x).mul(3);
      }
    }
    const layers = [new Linear(1, 1), new Scaled(1, 1), new Linear(1, 1)];
    const calls = layers.map(() => 0);
    layers.forEach((layer, i) => layer.registerForwardHook(() => void calls[i]!++));
    for (const layer of layers) layer.forward(ones([1, 1]));
    expect(calls).toEqual([1, 1, 1]);
  });

  it('run for a forward that is a field', () => {
    class Doubling extends Module {
      override forward = (x: Tensor): Tensor => x.mul(2);
    }
    const layer = new Doubling();
    layer.registerForwardHook((_, __, output) => (output as Tensor).neg());
    layer.registerForwardHook((_, __, output) => (output as Tensor).add(1));
    expect(layer.forward(ones([1])).item()).toBe(-1);
  });
});

describe('an option that a layer does not have', () => {
  const misspelt = (): Linear => new Linear(2, 2, { bais: false } as object);
  const what = 'unknown option "bais"; did you mean "bias"? Known: bias';

  it('is an error when the layer is first used, alone or in a model, by its place there', () => {
    const layer = misspelt();
    const model = new Sequential(new Sequential(new ReLU(), layer));
    const expected = new GradwireError('ERR_OPTION', `0.1 (Linear): ${what}`);
    const uses = [
      () => model.forward(ones([1, 2])),
      () => model.parameters(),
      () => model.stateDict(),
      () => model.loadStateDict(new Map()),
      () => model.train(),
      () => model.eval(),
      () => model.summary(),
    ];
    for (const use of uses) expect(use).toThrow(expected);
    expect(() => layer.forward(ones([1, 2]))).toThrow(new GradwireError('ERR_OPTION', `Linear: ${what}`));
    expect(() => layer.parameters()).toThrow(`Linear: ${what}`);
  });

  it('shows in its stack where the layer was made', () => {
    const layer = misspelt();
    const { stack, message } = caught(() => new Sequential(layer).eval());
    expect(stack).toContain(`GradwireError: ${message}\n`);
    expect(stack).toContain('misspelt');
  });

  it('may be close to several, or to none', () => {
    class Layer extends Module {
      constructor(options: object) {
        super();
        this.withDefaults(options, { stride: 1, padding: 0, paddingMode: 'zeros' });
      }
      forward(): void {}
    }
    const messageOf = (options: unknown): string => caught(() => new Layer(options as object).eval()).message;
    const known = 'Known: stride, padding, paddingMode';
    expect(messageOf({ padding_mode: 'reflect' })).toBe(
      `Layer: unknown option "padding_mode"; did you mean "paddingMode"? ${known}`,
    );
    expect(messageOf({ paddng: 1 })).toBe(`Layer: unknown option "paddng"; did you mean "padding"? ${known}`);
    expect(messageOf({ heads: 1 })).toBe(`Layer: unknown option "heads". ${known}`);
    expect(messageOf(2)).toBe(`Layer: its options must be one object, got 2. ${known}`);
    expect(messageOf(null)).toBe(`Layer: its options must be one object, got null. ${known}`);
  });

  it('is none of those that are given as undefined', () => {
    expect(new Linear(2, 2, { bias: undefined } as object).bias).not.toBeNull();
    expect(new Linear(2, 2, { bias: false }).bias).toBeNull();
  });
});
