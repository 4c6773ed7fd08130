import { tensor, useKernels, type Tensor } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { ExponentialMovingAverage } from '../src/optim/exponential-moving-average.ts';
import { SGD } from '../src/optim/sgd.ts';

const leaf = (values: number[]): Tensor => tensor(values, { requiresGrad: true });

function set(parameter: Tensor, values: readonly number[]): void {
  parameter.view().set(values);
}

/** Twenty values of parameters with 3 and 20 elements. */
const course = Array.from({ length: 20 }, (_, t) => [
  Array.from({ length: 3 }, (_value, i) => Math.fround(Math.sin(t + i))),
  Array.from({ length: 20 }, (_value, i) => Math.fround(Math.cos(t * i))),
]);

describe.each(['strict', 'reference'] as const)('an exponential moving average with %s kernels', (variant) => {
  it('begins with the first update and then follows its formula in float64', () => {
    useKernels(variant);
    const parameters = [leaf([1, 2, 3]), leaf(new Array<number>(20).fill(0))];
    const average = new ExponentialMovingAverage(parameters, { decay: 0.8 });
    let expected: number[][] | undefined;
    for (const values of course) {
      parameters.forEach((parameter, p) => set(parameter, values[p]!));
      average.update();
      expected = expected
        ? expected.map((row, p) => row.map((a, i) => a + (1 - 0.8) * (values[p]![i]! - a)))
        : values.map((row) => [...row]);
    }
    parameters.forEach((parameter, p) => {
      const averaged = [...average.of(parameter)!.data()];
      expect(averaged).toEqual(expected![p]!.map((a) => expect.closeTo(a, 5) as number));
    });
  });
});

describe('an exponential moving average', () => {
  it('is that of AveragedModel (values computed by PyTorch 1.13)', () => {
    const parameter = leaf([1]);
    const average = new ExponentialMovingAverage([parameter], { decay: 0.9 });
    const seen = [2, 3, 5].map((value) => {
      set(parameter, [value]);
      average.update();
      return average.of(parameter)!.item();
    });
    expect(seen).toEqual([2, expect.closeTo(2.0999999, 6), expect.closeTo(2.3899999, 6)]);
  });

  it('gives the same bits in slices, also by another thread', () => {
    const [a, b] = [leaf(course[0]![1]!), leaf(course[0]![1]!)];
    const [whole, sliced] = [new ExponentialMovingAverage([a]), new ExponentialMovingAverage([b])];
    const other = new ExponentialMovingAverage([leaf(course[0]![1]!)]);
    other.flat.attach(sliced.flat.handle());
    other.attach(sliced.handle());
    for (const [, values] of course) {
      for (const parameter of [a, b]) set(parameter, values!);
      whole.update();
      sliced.updateSlice(0, 7);
      other.updateSlice(7, other.flat.data.size);
      other.advance();
    }
    expect([...sliced.of(b)!.data()]).toEqual([...whole.of(a)!.data()]);
  });

  it('changes places with the parameters, and backward refuses graphs of before', () => {
    const parameter = leaf([2]);
    const average = new ExponentialMovingAverage([parameter]);
    set(parameter, [6]);
    const loss = parameter.mul(parameter).sum();
    average.swap();
    expect([parameter.item(), average.of(parameter)!.item()]).toEqual([2, 6]);
    expect(() => loss.backward()).toThrow('changed');
    average.swap();
    expect([parameter.item(), average.of(parameter)!.item()]).toEqual([6, 2]);
  });

  it('goes on from a saved state with the same bits', () => {
    const [a, b] = [leaf([1, 2]), leaf([1, 2])];
    const [first, resumed] = [new ExponentialMovingAverage([a]), new ExponentialMovingAverage([b])];
    set(a, [5, 6]);
    first.update();
    resumed.loadStateDict(new Map([...first.stateDict()].map(([key, value]) => [key, value.clone()])));
    for (const parameter of [a, b]) set(parameter, [7, 9]);
    first.update();
    resumed.update();
    expect([...first.stateDict().keys()]).toEqual(['n_averaged', 'average.0']);
    expect(resumed.of(b)!.toArray()).toEqual(first.of(a)!.toArray());
    expect(() => new ExponentialMovingAverage([leaf([1])]).loadStateDict(first.stateDict())).toThrow(
      'averages: "average.0" is of 2 elements instead of 1 in the saved state',
    );
    expect(() => first.loadStateDict(new Map())).toThrow('"n_averaged" is missing in the saved state');
  });

  it('takes the parameters of an optimizer in any order, and all of them', () => {
    const [a, b] = [leaf([1]), leaf([2])];
    const { flat } = new SGD([{ params: [b] }, { params: [a] }]);
    expect(new ExponentialMovingAverage([a, b]).flat).toBe(flat);
    expect(() => new ExponentialMovingAverage([a])).toThrow('already part of another flat list');
    expect(new ExponentialMovingAverage([leaf([1])]).of(a)).toBeUndefined();
  });

  it('refuses a decay that is none', () => {
    expect(() => new ExponentialMovingAverage([leaf([1])], { decay: 1 })).toThrow('decay must be from 0 to below 1');
  });
});
