import { fromTypedArray, gradcheck, ShapeError, tensor, type Tensor } from '@gradwire/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CTCLoss, ctcLoss } from '../src/losses/ctc.ts';

const classes = (labels: number[] | number[][]): Tensor => tensor(labels, { dtype: 'int32' });

/** Scores [5, 3, 4], the same on every run. */
function scores(): Tensor {
  const values = Float64Array.from({ length: 60 }, (_, i) => ((7 * i * i + 3 * i) % 11) / 4 - 1.25);
  return fromTypedArray(values, [5, 3, 4], { requiresGrad: true });
}

const targets = classes([
  [1, 1, 2],
  [3, 0, 0],
  [0, 0, 0],
]);

describe('ctcLoss is what PyTorch 1.13 computed', () => {
  it.each([
    [{}, [3.6049809]],
    [{ reduction: 'sum' }, [12.6715092]],
    [{ reduction: 'none' }, [2.78485, 4.8879149, 4.9987444]],
  ] as const)('for padded targets, repeated labels, and none: %j', (options, expected) => {
    const loss = new CTCLoss(options).forward(scores().logSoftmax(2), targets, [5, 4, 3], classes([3, 1, 0]));
    expect([...loss.data()].map((value) => Number(value.toFixed(7)))).toEqual(expected);
  });

  it('for labels one behind the other and another blank', () => {
    const options = { blank: 3, reduction: 'none' } as const;
    const loss = ctcLoss(scores().logSoftmax(2), classes([0, 2, 2, 1]), [5, 4, 5], [1, 3, 0], options);
    expect([...loss.data()].map((value) => Number(value.toFixed(4)))).toEqual([4.9966, 2.0873, 9.4394]);
  });

  it('also in its gradient, which is 0 behind the end of a sequence', () => {
    const logProbs = scores().logSoftmax(2).detach().requiresGrad_();
    ctcLoss(logProbs, targets, [5, 4, 3], [3, 1, 0]).backward();
    const row = (t: number): number[] => [...logProbs.grad!.select(0, t).data()].map((g) => Number(g.toFixed(7)));
    expect(row(0)).toEqual([0.0058078, -0.0396176, 0.0075294, 0.0262803, -0.1488639, 0.0705687, 0.1493939, -0.0710987, -0.0930585, 0.019723, 0.0536126, 0.019723]); // prettier-ignore
    expect(row(3)).toEqual([-0.0101888, -0.0120379, -0.0155055, 0.0377321, -0.1869851, 0.2363037, 0.019397, -0.0687155, 0, 0, 0, 0]); // prettier-ignore
  });
});

describe('ctcLoss', () => {
  it('is −ln of the summed probability of all paths that spell the labels', () => {
    const drawn = fc.record({
      steps: fc.integer({ min: 1, max: 5 }),
      labels: fc.array(fc.integer({ min: 1, max: 2 }), { maxLength: 3 }),
      values: fc.array(fc.integer({ min: -30, max: 30 }), { minLength: 15, maxLength: 15 }),
    });
    const property = fc.property(drawn, ({ steps, labels, values }) => {
      const x = fromTypedArray(
        Float64Array.from(values.slice(0, steps * 3), (n) => n / 10),
        [steps, 3],
      ).logSoftmax(1);
      const logp = x.data();
      let total = 0;
      for (let path = 0; path < 3 ** steps; path++) {
        const picked = Array.from({ length: steps }, (_, t) => Math.floor(path / 3 ** t) % 3);
        const spelled = picked.filter((label, t) => label !== 0 && label !== picked[t - 1]);
        if (spelled.join() === labels.join())
          total += Math.exp(picked.reduce((sum, c, t) => sum + logp[3 * t + c]!, 0));
      }
      const loss = ctcLoss(x, fromTypedArray(Int32Array.from(labels), [labels.length]), steps, labels.length, {
        reduction: 'sum',
      }).item();
      if (total === 0) expect(loss).toBe(Infinity);
      else expect(loss).toBeCloseTo(-Math.log(total), 9);
    });
    fc.assert(property, { numRuns: 100 });
  });

  it('has the gradient of the scores by central differences', () => {
    const loss = (x: Tensor): Tensor => ctcLoss(x.logSoftmax(2), targets, [5, 4, 3], [3, 1, 0], { reduction: 'none' });
    expect(gradcheck(loss, [scores()])).toBe(true);
  });

  it('is infinite for fewer steps than the labels need, with NaN as gradient, or 0 by zeroInfinity', () => {
    const [x, y] = [scores(), scores()];
    const lengths = [
      [3, 4, 3],
      [3, 1, 0],
    ] as const; // two equal labels need a blank between them
    const losses = ctcLoss(x.logSoftmax(2), targets, ...lengths, { reduction: 'none' });
    expect(losses.data()[0]).toBe(Infinity);
    losses.sum().backward();
    expect([...x.grad!.select(1, 0).narrow(0, 0, 3).data()].every(Number.isNaN)).toBe(true);
    expect(x.grad!.select(1, 1).sum().item()).toBeCloseTo(0);
    const finite = ctcLoss(y.logSoftmax(2), targets, ...lengths, { reduction: 'none', zeroInfinity: true });
    finite.sum().backward();
    expect([finite.data()[0], [...y.grad!.select(1, 0).data()].every((g) => g === 0)]).toEqual([0, true]);
  });

  it('takes one sequence without a batch', () => {
    const one = scores().select(1, 0).logSoftmax(1);
    const loss = ctcLoss(one, classes([1, 1, 2]), 5, 3, { reduction: 'none' });
    expect([loss.shape, loss.item().toFixed(5)]).toEqual([[], '2.78485']);
  });

  it.each([
    [
      () => ctcLoss(scores(), targets, [6, 4, 3], [3, 1, 0]),
      'inputLengths [6, 4, 3] must be 3 whole numbers from 0 to 5',
    ],
    [() => ctcLoss(scores(), targets, [5, 4, 3], [3, 1]), 'targetLengths [3, 1] must be 3 whole numbers from 0 to 3'],
    [() => ctcLoss(scores(), classes([1, 2]), [5, 4, 3], [1, 1, 1]), 'targets [2] must be [3, S], or [3]'],
    [() => ctcLoss(scores(), classes([1, 7, 2]), [5, 4, 3], [1, 1, 1]), 'label 7 of sequence 1 is no class'],
    [() => ctcLoss(scores(), targets, [5, 4, 3], [3, 1, 0], { blank: 4 }), 'blank 4 is no class; there are 4 classes'],
  ])('refuses what does not fit %#', (call, message) => {
    expect(call).toThrow(ShapeError);
    expect(call).toThrow(message);
  });
});
