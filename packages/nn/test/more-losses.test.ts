import { tensor, type Tensor } from '@gradwire/tensor';
import { expect, it } from 'vitest';
import { binaryCrossEntropyWithLogits, focalLoss, multilabelSoftMarginLoss } from '../src/losses/binary.ts';
import { HuberLoss, MSELoss } from '../src/losses/loss-modules.ts';
import { klDiv } from '../src/losses/kl-div.ts';
import { marginRankingLoss, tripletMarginLoss } from '../src/losses/margin.ts';
import { gaussianNllLoss, huberLoss, poissonNllLoss } from '../src/losses/regression.ts';

const double = (data: number[]): Tensor => tensor(data, { dtype: 'float64' });
const t = double([1, 0, 3]);
const row = (x: Tensor): Tensor => x.reshape([1, -1]);

/** Loss and gradient at x = (0.5, −1.2, 2), computed by PyTorch 1.13 in float64. */
const cases: readonly [string, (x: Tensor) => Tensor, number, number[]][] = [
  [
    'Poisson',
    (x) => poissonNllLoss(x, t),
    0.9463238605143269,
    [0.21624042356670942, 0.10039807063740071, 1.4630186996435501],
  ],
  [
    'Poisson, full, summed',
    (x) => poissonNllLoss(x, t, { full: true, reduction: 'sum' }),
    4.603053125086038,
    [0.6487212707001282, 0.30119421191220214, 4.38905609893065],
  ],
  [
    'Poisson of rates',
    (x) => poissonNllLoss(x.abs(), t, { logInput: false }),
    0.77123520129337,
    [-0.33333332, -0.3333333333333333, -0.1666666641666667],
  ],
  [
    'Gaussian with a variance below eps',
    (x) => gaussianNllLoss(x, t, double([0.5, 1e-9, 2]), { full: true }),
    239998.78302010684,
    [-0.3333333333333333, -400000, -0.16666666666666666],
  ],
  [
    'multi-label',
    (x) => multilabelSoftMarginLoss(row(x), row(t.clamp(0, 1))),
    0.28809582085370344,
    [-0.1258468895993818, 0.07715840550032746, -0.03973430734070585],
  ],
  [
    'ranking',
    (x) => marginRankingLoss(x, t, double([1, -1, 1]), { margin: 0.5 }),
    0.8333333333333334,
    [-0.3333333333333333, 0, -0.3333333333333333],
  ],
  [
    'triplet with swap',
    (x) => tripletMarginLoss(row(x), row(t), row(t.neg().add(1)), { swap: true, margin: 4 }),
    1.0477347983553038,
    [-0.41373117165790485, -0.25259939573717854, -1.480717998497715],
  ],
  [
    'divergence from a target with 0',
    (x) => klDiv(x, double([0, 0.25, 0.75]), { reduction: 'batchmean' }),
    -0.5874450482062694,
    [0, -0.08333333333333333, -0.25],
  ],
  [
    'divergence of logarithms',
    (x) => klDiv(x, t, { logTarget: true }),
    7.54822594580573,
    [-0.9060939428196817, -0.3333333333333333, -6.695178974395889],
  ],
];

it.each(cases)('%s loss and gradient are those of PyTorch', (_, loss, value, gradient) => {
  const x = double([0.5, -1.2, 2]).requiresGrad_();
  const out = loss(x);
  out.backward();
  expect(out.item()).toBeCloseTo(value, 8);
  const slopes = x.grad!.toArray() as number[];
  gradient.forEach((slope, i) =>
    expect(slopes[i]! / (Math.abs(slope) + 1)).toBeCloseTo(slope / (Math.abs(slope) + 1), 7),
  );
});

it('focal loss with gamma 0 and no alpha is binary cross-entropy, and counts sure answers less', () => {
  const [x, yes] = [double([4, -4, 0]), double([1, 0, 1])];
  const plain = binaryCrossEntropyWithLogits(x, yes);
  expect(focalLoss(x, yes, { gamma: 0, alpha: -1 }).item()).toBeCloseTo(plain.item(), 12);
  const [sure, , unsure] = focalLoss(x, yes, { reduction: 'none' }).toArray() as number[];
  expect(unsure).toBeCloseTo(0.25 * 0.25 * Math.LN2, 12); // α(1 − ½)²·ln 2
  expect(sure).toBeLessThan(1e-5);
});

it('binary cross-entropy of logits stays finite for any score', () => {
  const x = tensor([1e4, -1e4], { requiresGrad: true });
  const loss = binaryCrossEntropyWithLogits(x, tensor([0, 1]), { reduction: 'sum', posWeight: tensor([1, 3]) });
  loss.backward();
  expect([loss.item(), x.grad!.toArray()]).toEqual([4e4, [1, -3]]);
});

it('a target that merely broadcasts is refused', () => {
  expect(() => huberLoss(tensor([[1], [2]]), tensor([1, 2]))).toThrow(
    'huberLoss: target [2] must have the shape of input [2, 1]; expand it if that is meant',
  );
});

it('as a module a loss keeps its options', () => {
  const [x, y] = [double([1, 2]), double([0, 4])];
  expect(new HuberLoss({ delta: 0.5, reduction: 'sum' }).forward(x, y).item()).toBe(0.375 + 0.875);
  expect(new MSELoss().forward(x, y).item()).toBe(2.5);
});
