import fc, { type Arbitrary } from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { publicOperations, WITHOUT_GRADIENT } from '../../../tools/op-table.mjs';
import { fromTypedArray } from '../src/create.ts';
import type { DType } from '../src/dtype.ts';
import { gradcheck, gradgradcheck } from '../src/gradcheck.ts';
import { step } from '../src/heap/step.ts';
import { useKernels, type KernelVariant } from '../src/kernels/dispatch.ts';
import { Generator } from '../src/random/generator.ts';
import { sizeOf } from '../src/shape.ts';
import type { Tensor } from '../src/tensor.ts';
import { opCalls } from './op-calls.ts';
import { networkCalls } from './op-calls/networks.ts';
import { reductionCalls } from './op-calls/reductions.ts';
import { FEW, seed, WIDE, type Call, type Space } from './op-calls/call.ts';
import { LAYOUTS, type LayoutName } from './op-calls/layouts.ts';
import { GRADIENT_LAYOUTS } from './op-samples/sample.ts';

const RUNS = 20;
const RUNS_OF_GRADCHECK = 8;
const RUNS_OF_GRADGRADCHECK = 2;
const TOLERANCE = 1e-4; // relative to 1 + |value|; stretched inputs add up many gradients
const SEED = 20;

/** The path of a product, and so its rounding, depends on strides. */
const PRODUCTS = ['addmm', 'attentionWeights', 'bmm', 'dot', 'einsum', 'gru', 'linear', 'lstm', 'matmul', 'rnn'];

/** A call, how its inputs lie in memory, what is done with its result, and what its numbers begin with. */
interface Setting {
  readonly call: Call;
  readonly layouts: readonly LayoutName[];
  readonly after: number;
  readonly from: number;
}

function settings(op: string, space: Space): Arbitrary<Setting> {
  const names = Object.keys(LAYOUTS) as LayoutName[];
  const layout = fc.oneof(
    { weight: 2, arbitrary: fc.constant(names[0]!) },
    { weight: 5, arbitrary: fc.constantFrom(...names) },
  );
  return fc.record({
    call: opCalls[op]!(space),
    layouts: fc.array(layout, { minLength: 8, maxLength: 8 }),
    after: fc.nat(GRADIENT_LAYOUTS.length - 1),
    from: seed,
  });
}

/** The memory of each input: leaves. */
function leavesOf({ call, layouts, from }: Setting, dtype: DType): Tensor[] {
  const generator = new Generator(from);
  return call.inputs.map(({ shape, low = -1, high = 1 }, i) => {
    const stored = LAYOUTS[layouts[i]!].stored(shape);
    const values = Float64Array.from({ length: sizeOf(stored) }, () => low + (high - low) * generator.uniform());
    return fromTypedArray(values, stored, { dtype, requiresGrad: true });
  });
}

function inputsOf({ call, layouts }: Setting, leaves: readonly Tensor[]): Tensor[] {
  return leaves.map((leaf, i) => LAYOUTS[layouts[i]!].view(leaf, call.inputs[i]!.shape));
}

/** The values of the result, and the gradients of what the inputs are seen in. */
function results(setting: Setting, arrange: (input: Tensor) => Tensor = (x) => x): number[][] {
  return step(() => {
    const leaves = leavesOf(setting, 'float32');
    const out = setting.call.run(...inputsOf(setting, leaves).map(arrange));
    if (!out.requiresGrad) return [[...out.shape], [...out.data()]];
    const y = GRADIENT_LAYOUTS[setting.after]!.after(out);
    y.mul(new Generator(1).rand(y.shape).add(0.5)).sum().backward();
    return [[...out.shape], [...out.data()], ...leaves.map((leaf) => [...(leaf.grad?.data() ?? [])])];
  });
}

function withKernels(variant: KernelVariant, setting: Setting): number[][] {
  useKernels(variant);
  return results(setting);
}

/** Expects equal lists of numbers, within `tolerance` of 1 + |value|. */
function expectSame(actual: number[][], expected: number[][], tolerance: number): void {
  expect(actual.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  for (const [which, values] of expected.entries()) {
    for (const [i, value] of values.entries()) {
      const other = actual[which]![i]!;
      const isSame = Object.is(other, value) || Math.abs(other - value) <= tolerance * (1 + Math.abs(value));
      if (!isSame)
        expect.fail(`${['shape', 'result'][which] ?? `gradient ${which - 2}`}, element ${i}: ${other}, not ${value}`);
    }
  }
}

const operations = Object.keys(opCalls).sort();
const flat = Object.values(WITHOUT_GRADIENT).flat();

/** Whether the second gradient is more than the operation itself, as it is of all that is linear, and not refused. */
const hasOwnSecond = (op: string): boolean => (op in networkCalls || op in reductionCalls) && op !== 'ctc';

it('every operation that users can call has random calls', () => {
  const names = publicOperations().map(({ name }) => name);
  expect(names.filter((name) => !(name in opCalls))).toEqual([]);
  expect(operations.filter((name) => !names.includes(name))).toEqual([]);
});

describe.each(operations)('%s', (op) => {
  afterAll(() => useKernels('strict'));

  it('gives by its strict and its relaxed kernels what it gives by the reference', () => {
    const property = fc.property(settings(op, WIDE), (setting) => {
      const expected = withKernels('reference', setting);
      for (const variant of ['strict', 'relaxed'] as const)
        expectSame(withKernels(variant, setting), expected, TOLERANCE);
    });
    fc.assert(property, { numRuns: RUNS, seed: SEED });
  });

  it('gives the same for inputs of any strides', () => {
    useKernels('strict');
    const property = fc.property(settings(op, WIDE), (setting) => {
      const rowMajor = results(setting, (input) => input.clone());
      expectSame(results(setting), rowMajor, PRODUCTS.includes(op) ? 1e-5 : 0);
    });
    fc.assert(property, { numRuns: RUNS, seed: SEED + 1 });
  });

  const checked = (setting: Setting, check: typeof gradcheck): void => {
    const { after } = GRADIENT_LAYOUTS[setting.after]!;
    const fn = (...leaves: Tensor[]): Tensor => after(setting.call.run(...inputsOf(setting, leaves)));
    expect(check(fn, leavesOf(setting, 'float64'))).toBe(true);
  };

  if (flat.includes(op)) return;
  it('has the gradient that the central difference has', () => {
    const property = fc.property(settings(op, FEW), (setting) => checked(setting, gradcheck));
    fc.assert(property, { numRuns: RUNS_OF_GRADCHECK, seed: SEED + 2 });
  });

  if (!hasOwnSecond(op)) return;
  it('has the second gradient that the central difference has', () => {
    const property = fc.property(settings(op, FEW), (setting) => checked(setting, gradgradcheck));
    fc.assert(property, { numRuns: RUNS_OF_GRADGRADCHECK, seed: SEED + 3 });
  });
});
