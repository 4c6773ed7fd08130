import { manualSeed, randn, ShapeError, tensor, type Tensor } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { MultiheadAttention, type AttendOptions } from '../src/layers/multihead-attention.ts';

const EXPECTED = [
  {
    title: 'extra keys, seq first',
    out: [-0.0069985, 1.0184593, 0.382452, -0.3624695, 0.0580621, 0.1070551],
    sum: 6.530332,
    weights: [0.27714, 0.3319445, 0.0222108, 0.0, 0.2140495, 0.1546553],
    dq: [0.0053169, 0.0017279, -0.002095, -0.0056343],
    dv: [0.0032079, -0.0037903, -0.0102755, -0.01537],
    grads: {
      in_proj_weight: 4.555162,
      in_proj_bias: 0.926658,
      bias_k: 0.104972,
      bias_v: 0.204287,
      'out_proj.weight': 11.665746,
      'out_proj.bias': 0.130235,
    },
  },
  {
    title: 'kdim vdim, no bias, per head',
    out: [-0.1489135, 0.0052554, 0.1422037, -0.1868147, 0.0963131, 0.0638464],
    sum: 0.283174,
    weights: [0.5089039, 0.0, 0.4199742, 0.071122, 0.2650698, 0.3802931],
    dq: [-0.0183351, -0.0309289, -0.0393367, -0.0424204],
    dv: [0.0850094, 0.0617566, 0.0189765, -0.029804],
    grads: { q_proj_weight: 1.570235, k_proj_weight: 1.739527, v_proj_weight: 4.860877, 'out_proj.weight': 21.117922 },
  },
  {
    title: 'no batch',
    out: [-0.6511047, 0.6752101, 0.6628178, -0.1415031, -0.5833361, 0.5729907],
    sum: 1.676818,
    weights: [0.2858791, 0.4227633, 0.0, 0.2913576, 0.0, 0.1897814],
    dq: [-0.0042288, -0.0043639, -0.0039084, -0.0029239],
    dv: [0.0, 0.0, 0.0, 0.0],
    grads: { in_proj_weight: 0.48348, in_proj_bias: 0.251084, 'out_proj.weight': 5.414154, 'out_proj.bias': 2.260156 },
  },
] as const;

const bool = (data: Parameters<typeof tensor>[0]): Tensor => tensor(data, { dtype: 'bool' });
const wave = (f: number, ...shape: number[]): Tensor =>
  tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(f * i)),
  ).reshape(shape); // prettier-ignore
const leaf = (x: Tensor): Tensor => x.detach().clone().requiresGrad_();

const CALLS: readonly { layer: () => MultiheadAttention; inputs: Tensor[]; options: AttendOptions }[] = [
  {
    layer: () => new MultiheadAttention(6, 2, { addBiasKv: true, addZeroAttn: true }),
    inputs: [wave(0.3, 3, 2, 6), wave(0.2, 4, 2, 6), wave(0.5, 4, 2, 6)],
    options: { keyPaddingMask: bool([[0, 0, 0, 1], [0, 1, 0, 0]]), attnMask: wave(0.9, 4, 3, 4) }, // prettier-ignore
  },
  {
    layer: () => new MultiheadAttention(6, 3, { kdim: 5, vdim: 4, bias: false, batchFirst: true }),
    inputs: [wave(0.3, 2, 3, 6), wave(0.2, 2, 4, 5), wave(0.5, 2, 4, 4)],
    options: { attnMask: bool([[0, 1, 0, 0], [0, 0, 0, 1], [1, 1, 1, 0]]), averageAttnWeights: false }, // prettier-ignore
  },
  {
    layer: () => new MultiheadAttention(4, 2),
    inputs: [wave(0.3, 3, 4), wave(0.2, 5, 4), wave(0.5, 5, 4)],
    options: { keyPaddingMask: bool([0, 0, 1, 0, 1]) },
  },
];

function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expected.forEach((value, i) => expect(actual[i]).toBeCloseTo(value, 4));
}

describe('MultiheadAttention gives what PyTorch 1.13 gives', () => {
  for (const [i, { title, out, sum, weights, dq, dv, grads }] of EXPECTED.entries()) {
    it.each([true, false])(`for ${title}, asked for weights: %s`, (needWeights) => {
      const { layer: make, inputs, options } = CALLS[i]!;
      const layer = make();
      layer.parameters().forEach((parameter, at) => {
        parameter.view().forEach((_, j, view) => (view[j] = 0.5 * Math.sin((0.37 + 0.1 * at) * j)));
      });
      const [query, key, value] = inputs.map(leaf);
      const [output, given] = layer.forward(query!, key!, value!, { ...options, needWeights });
      expectClose(output.flatten().data(), out);
      expect(output.detach().sum().item()).toBeCloseTo(sum, 4);
      if (needWeights) expectClose(given!.flatten().data(), weights);
      else expect(given).toBeNull();
      output.backward(cosines(output.size).reshape(output.shape));
      expectClose(query!.grad!.data(), dq);
      expectClose(value!.grad!.data().slice(-4), dv);
      const sums = layer.namedParameters().map(([name, { grad }]) => [name, grad!.abs().sum().item()] as const);
      expect(sums.map(([name]) => name)).toEqual(Object.keys(grads));
      for (const [name, total] of sums) expect(total).toBeCloseTo((grads as Record<string, number>)[name]!, 3);
    });
  }
});

const cosines = (n: number): Tensor => tensor(Float32Array.from({ length: n }, (_, i) => Math.cos(0.7 * i)));

describe('MultiheadAttention', () => {
  it('gives the same output from one packed projection as from three', () => {
    const layer = new MultiheadAttention(8, 2, { batchFirst: true });
    const x = randn([2, 5, 8]);
    const mask = { isCausal: true, needWeights: false };
    const packed = layer.forward(x, x, x, mask)[0].data();
    const apart = layer.forward(x, x.clone(), x.clone(), mask)[0].data();
    packed.forEach((value, i) => expect(value).toBeCloseTo(apart[i]!, 5));
  });

  it('drops weights in training only, and differently each time', () => {
    manualSeed(1);
    const layer = new MultiheadAttention(8, 2, { dropout: 0.5, batchFirst: true });
    const x = randn([1, 6, 8]);
    const run = (needWeights: boolean): Tensor => layer.forward(x, x, x, { needWeights })[0];
    for (const needWeights of [true, false]) expect(run(needWeights).data()).not.toEqual(run(needWeights).data());
    layer.eval();
    for (const needWeights of [true, false]) expect(run(needWeights).data()).toEqual(run(needWeights).data());
  });

  it('starts Xavier-uniform with biases at 0', () => {
    const layer = new MultiheadAttention(64, 4);
    const most = layer.in_proj_weight!.abs().max().item();
    expect(most).toBeLessThanOrEqual(Math.sqrt(6 / 256));
    expect(most).toBeGreaterThan(0.95 * Math.sqrt(6 / 256));
    expect(layer.in_proj_bias!.abs().max().item() + layer.out_proj.bias!.abs().max().item()).toBe(0);
  });

  it('names heads and masks that do not fit', () => {
    expect(() => new MultiheadAttention(10, 3)).toThrow(ShapeError);
    const x = randn([2, 3, 4]);
    const layer = new MultiheadAttention(4, 2);
    expect(() => layer.forward(x, x, x, { attnMask: randn([5, 2, 2]) })).toThrow(/N·heads = 6, got \[5, 2, 2\]/);
  });
});
