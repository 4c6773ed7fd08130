import { arange, manualSeed, ones, randn, tensor, zeros, type Tensor } from '@gradwire/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as nn from '../src/index.ts';
import { exportOnnx, type OnnxOptions } from '../src/onnx.ts';
import { bytes, float, integer, integers, message, one, text, toBytes } from '../src/onnx/protobuf.ts';
import { sizeFrom, showSize } from '../src/onnx/sizes.ts';
import { messages, numbers, readMessage, texts } from './read-protobuf.ts';

/** The parts of a file that tests look at. */
function read(file: Uint8Array) {
  const model = readMessage(file);
  const [graph] = messages(model, 7);
  const shapeOf = (info: ReturnType<typeof readMessage>): (number | string)[] => {
    const [tensorType] = messages(messages(info, 2)[0], 1);
    return messages(messages(tensorType, 2)[0], 1).map((dim) => numbers(dim, 1)[0] ?? texts(dim, 2)[0]);
  };
  return {
    irVersion: numbers(model, 1)[0],
    producer: texts(model, 2)[0],
    opset: numbers(messages(model, 8)[0], 2)[0],
    metadata: messages(model, 14).map((entry) => [texts(entry, 1)[0], texts(entry, 2)[0]]),
    nodes: messages(graph, 1).map((node) => ({
      type: texts(node, 4)[0],
      name: texts(node, 3)[0],
      inputs: texts(node, 1),
      outputs: texts(node, 2),
      attributes: Object.fromEntries(messages(node, 5).map((each) => [texts(each, 1)[0], each])),
    })),
    initializers: messages(graph, 5).map((each) => ({
      name: texts(each, 8)[0],
      shape: numbers(each, 1),
      type: numbers(each, 2)[0],
      data: each.get(9)![0] as Uint8Array,
    })),
    inputs: messages(graph, 11).map((info) => [texts(info, 1)[0], shapeOf(info)]),
    outputs: messages(graph, 12).map((info) => [texts(info, 1)[0], shapeOf(info)]),
  };
}

describe('protocol buffers', () => {
  it('read back what was written, for any numbers and texts', () => {
    const whole = fc.integer({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1 });
    fc.assert(
      fc.property(
        whole,
        fc.array(whole),
        fc.string({ unit: 'binary' }),
        fc.integer({ min: 1, max: 1000 }),
        (n, list, word, field) => {
          const file = toBytes(
            message(integer(field, n), null, bytes(field + 1, message(text(1, word), integers(2, list)))),
          );
          const back = readMessage(file);
          expect(numbers(back, field)).toEqual([n]);
          const [inner] = messages(back, field + 1);
          expect(texts(inner, 1)).toEqual([word]);
          expect(numbers(inner, 2)).toEqual(list);
        },
      ),
    );
  });

  it('hold 32-bit floats and raw bytes', () => {
    const back = readMessage(toBytes(message(float(2, -1.5), bytes(9, one(Uint8Array.of(1, 2, 3))))));
    const four = back.get(2)![0] as Uint8Array;
    expect(new DataView(four.buffer, four.byteOffset).getFloat32(0, true)).toBe(-1.5);
    expect(back.get(9)).toEqual([Uint8Array.of(1, 2, 3)]);
  });
});

describe('sizes that follow from named axes', () => {
  const runs = [{ n: 2, t: 3 }, { n: 3, t: 3 }, { n: 2, t: 4 }, { n: 4, t: 5 }]; // prettier-ignore
  const sizeOf = (rule: (n: number, t: number) => number) =>
    sizeFrom(
      runs.map(({ n, t }) => rule(n, t)),
      runs,
    );

  it('are found where they are products or sums', () => {
    expect(sizeOf(() => 7)).toBe(7);
    expect(showSize(sizeOf((n) => n)!)).toBe('n');
    expect(showSize(sizeOf((n, t) => 5 * n * t)!)).toBe('5*n*t');
    expect(showSize(sizeOf((_, t) => t - 1)!)).toBe('t + -1');
    expect(showSize(sizeOf((n, t) => 2 * n + t)!)).toBe('2*n + t');
  });

  it('are not found where they are something else', () => {
    expect(sizeOf((n) => n * n)).toBe(null);
    expect(sizeOf((_, t) => Math.ceil(t / 2))).toBeNull();
  });
});

describe('an exported file', () => {
  it('says its format, its producer and what it was given to carry along', () => {
    const { irVersion, producer, opset, metadata } = read(
      exportOnnx(new nn.Linear(2, 3), [ones([1, 2])], { metadata: { epoch: '3' } }),
    );
    expect({ irVersion, producer, opset, metadata }).toEqual({
      irVersion: 8,
      producer: 'gradwire',
      opset: 17,
      metadata: [['epoch', '3']],
    });
  });

  it('holds parameters and buffers once, under their state-dict keys, with their bytes', () => {
    manualSeed(1);
    const model = new nn.Sequential(new nn.Conv2d(1, 2, 3), new nn.BatchNorm2d(2));
    const { initializers } = read(exportOnnx(model, [randn([1, 1, 4, 4])]));
    expect(initializers.map(({ name }) => name)).toEqual(
      [...model.stateDict().keys()].filter((key) => key !== '1.num_batches_tracked'),
    );
    for (const { name, shape, type, data } of initializers) {
      const own = model.stateDict().get(name)!;
      expect([shape, type]).toEqual([own.shape, 1]);
      expect(Buffer.from(data).equals(Buffer.from(own.bytes()))).toBe(true);
    }
  });

  it('has one node for a layer, named by its path', () => {
    const model = new nn.Sequential(new nn.Conv2d(1, 2, 3, { stride: 2 }), new nn.ReLU(), new nn.MaxPool2d(2));
    const { nodes } = read(exportOnnx(model, [arange(81).to('float32').reshape([1, 1, 9, 9])]));
    expect(nodes.map(({ name, type }) => [name, type])).toEqual([
      ['0/Conv', 'Conv'],
      ['1/Relu', 'Relu'],
      ['2/MaxPool', 'MaxPool'],
      ['output/Identity', 'Identity'],
    ]);
    expect(numbers(nodes[0].attributes['strides'], 8)).toEqual([2, 2]);
    expect(nodes[0].inputs).toEqual(['input', '0.weight', '0.bias']);
  });

  it('uses the operators of ONNX for normalisation, resizing and recurrent layers', () => {
    const typesOf = (model: nn.Module, x: Tensor): string[] =>
      read(exportOnnx(model, [x])).nodes.map(({ type }) => type);
    expect(typesOf(new nn.LayerNorm(3), randn([2, 3]))).toContain('LayerNormalization');
    expect(typesOf(new nn.Upsample({ scaleFactor: 2 }), randn([1, 1, 2, 2]))).toContain('Resize');
    expect(typesOf(new nn.GRU(2, 3), randn([4, 1, 2]))).toContain('GRU');
    expect(typesOf(new nn.Conv3d(1, 1, 2), randn([1, 1, 2, 2, 2]))).toContain('Conv');
  });

  it('shares a table that a model uses twice', () => {
    const model = new nn.GPT({ vocabSize: 9, contextLength: 4, layers: 1, heads: 1, width: 4 });
    const { initializers } = read(exportOnnx(model, [tensor([[1, 2, 3]], { dtype: 'int32' })]));
    expect(initializers.filter(({ shape }) => shape.join() === '9,4').map(({ name }) => name)).toEqual(['wte.weight']);
  });

  it('names inputs, outputs and free axes', () => {
    const options: OnnxOptions = {
      inputNames: ['x', 'h'],
      outputNames: ['y', 'last'],
      dynamicAxes: { x: { 0: 'time', 1: 'batch' }, h: { 1: 'batch' } },
    };
    const { inputs, outputs } = read(exportOnnx(new nn.GRU(2, 3), [randn([4, 2, 2]), randn([1, 2, 3])], options));
    expect(inputs).toEqual([['x', ['time', 'batch', 2]], ['h', [1, 'batch', 3]]]); // prettier-ignore
    expect(outputs).toEqual([['y', ['time', 'batch', 3]], ['last', [1, 'batch', 3]]]); // prettier-ignore
  });

  it('leaves the model as it was: in training, with its moments, without hooks', () => {
    const model = new nn.Sequential(new nn.BatchNorm1d(2), new nn.Dropout(0.5).eval());
    exportOnnx(model, [randn([4, 2])]);
    expect(model.modules().map(({ training }) => training)).toEqual([true, true, false]);
    expect(model.stateDict().get('0.running_mean')!.toArray()).toEqual([0, 0]);
    expect(exportOnnx(model, [randn([4, 2])]).length).toBe(exportOnnx(model, [randn([4, 2])]).length);
  });

  it('is the same, byte for byte, for the same model', () => {
    const [model, x] = [new nn.Linear(3, 2), randn([1, 3])];
    expect(exportOnnx(model, [x])).toEqual(exportOnnx(model, [x]));
  });
});

/** A model whose forward is a function. */
class Fn extends nn.Module {
  readonly #fn: (x: Tensor) => Tensor;
  readonly weight = new nn.Parameter(ones([2]));

  constructor(fn: (x: Tensor, weight: Tensor) => Tensor) {
    super();
    this.#fn = (x) => fn(x, this.weight);
  }

  forward(x: Tensor): Tensor {
    return this.#fn(x);
  }
}

describe('exporting is refused with ERR_ONNX', () => {
  const refusal = (make: () => nn.Module, x: Tensor, options?: OnnxOptions): string => {
    try {
      exportOnnx(make(), [x], options);
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_ONNX' });
      return (error as Error).message;
    }
    return 'nothing was thrown';
  };
  const x = tensor([1, 2]);

  it('for an operation that a file cannot hold, with the path of its layer', () => {
    const model = (): nn.Module => new nn.Sequential(new nn.ReLU(), new Fn((y) => y.cumprod(0)));
    expect(refusal(model, x)).toMatch(/^1: cumprod is not among the operations/);
  });

  it('for numbers that are read from the inputs', () => {
    expect(refusal(() => new Fn((y) => y.add(y.sum().item())), x)).toMatch(/options depend on/);
    expect(refusal(() => new Fn((y) => y.mul(tensor(Array.from(y.data(), Math.abs)))), x)).toMatch(
      /another one in every run/,
    );
    expect(refusal(() => new Fn((y) => (y.data()[0] > 1 ? y.neg() : y.exp())), x)).toMatch(/other operations/);
    const routed = (): nn.Module =>
      new Fn((y) => {
        const both = [y.neg(), y.exp()];
        return both[0].add(both[1]).add(both[y.data()[0] > 1 ? 0 : 1]);
      });
    expect(refusal(routed, x)).toMatch(/other operations/);
  });

  it('for chance, and for state that changes', () => {
    expect(refusal(() => new Fn((y) => y.add(randn([2]))), x)).toMatch(/on chance/);
    expect(refusal(() => new Fn((y, weight) => y.add(weight.add_(1))), x)).toMatch(/changes weight in place/);
    const limited = (): nn.Module => new nn.Embedding(3, 2, { maxNorm: 1 });
    expect(refusal(limited, tensor([0, 1], { dtype: 'int32' }))).toMatch(/weight in place/);
  });

  it('for a view of memory that was changed in place', () => {
    const model = (): nn.Module =>
      new Fn((y) => {
        const sum = y.add(1);
        const view = sum.reshape([1, 2]);
        sum.mul_(2);
        return view;
      });
    expect(refusal(model, x)).toMatch(/changed in place/);
  });

  it('for free axes that are none, or that do not fit each other or the model', () => {
    const axes = (dynamicAxes: OnnxOptions['dynamicAxes']) => ({ dynamicAxes: dynamicAxes! });
    const relu = (): nn.Module => new nn.ReLU();
    expect(refusal(relu, x, axes({ image: { 0: 'n' } }))).toMatch(/dimension 0 of "image"/);
    expect(refusal(relu, ones([2, 3]), axes({ input: { 0: 'n', 1: 'n' } }))).toMatch(/"n" has the sizes 2 .* and 3/);
    expect(refusal(() => new nn.Linear(2, 1), ones([1, 2]), axes({ input: { 1: 'n' } }))).toMatch(
      /not with others like them/,
    );
    const halved = (): nn.Module => new Fn((y) => y.slice(0, 0, Math.ceil(y.size / 2)));
    expect(refusal(halved, zeros([3]), axes({ input: { 0: 'n' } }))).toMatch(/no sum or product of the named axes/);
  });

  it('for names that are not one for each tensor', () => {
    expect(refusal(() => new nn.ReLU(), x, { inputNames: ['a', 'b'] })).toMatch(/inputNames must be 1 different/);
    expect(refusal(() => new nn.GRU(2, 1), ones([1, 1, 2]), { outputNames: ['a', 'a'] })).toMatch(
      /outputNames must be 2/,
    );
  });
});
