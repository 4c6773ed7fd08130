import { tensor, type Tensor } from '@gradwire/tensor';
import { expect, it } from 'vitest';
import { MultiLabelMarginLoss, MultiMarginLoss, SoftMarginLoss, TripletMarginWithDistanceLoss } from '../src/losses/loss-modules.ts'; // prettier-ignore

const x = tensor(
  [
    [-1, 0, 1, -0.5],
    [0.5, -1, 0, 1],
    [-0.5, 0.5, -1, 0],
  ],
  { dtype: 'float64' },
);
const int = (data: number[] | number[][]): Tensor => tensor(data, { dtype: 'int32' });
const rounded = (loss: Tensor): number[] => [...loss.data()].map((value) => Number(value.toFixed(6)));
const labels = int([
  [1, 3, -1, 0],
  [2, -1, -1, -1],
  [-1, 0, 1, 2],
]);

it('margin losses of several classes are what PyTorch 1.13 computed', () => {
  const signs = tensor([[1, -1, 1, 1], [-1, -1, 1, -1], [1, 1, -1, -1]], { dtype: 'float64' }); // prettier-ignore
  expect(rounded(new SoftMarginLoss().forward(x, signs))).toEqual([0.753505]);
  expect(rounded(new SoftMarginLoss({ reduction: 'sum' }).forward(x, signs))).toEqual([9.042058]);
  expect(rounded(new MultiMarginLoss().forward(x, int([1, 3, 0])))).toEqual([0.583333]);
  const weight = tensor([1, 2, 3, 4], { dtype: 'float64' });
  const weighted = new MultiMarginLoss({ p: 2, margin: 0.5, weight, reduction: 'none' });
  expect(rounded(weighted.forward(x, int([1, 3, 0])))).toEqual([1.125, 0, 0.8125]);
  expect(rounded(new MultiLabelMarginLoss().forward(x, labels))).toEqual([0.708333]);
  expect(rounded(new MultiLabelMarginLoss({ reduction: 'none' }).forward(x, labels))).toEqual([1.25, 0.875, 0]);
});

it('take one example without a batch', () => {
  const loss = new MultiMarginLoss({ reduction: 'none' }).forward(x.select(0, 0), int([1]).select(0, 0));
  expect([loss.shape, rounded(loss)]).toEqual([[], [0.625]]);
  expect(rounded(new MultiLabelMarginLoss().forward(x.select(0, 0), labels.select(0, 0)))).toEqual([1.25]);
});

it('TripletMarginWithDistanceLoss takes any distance', () => {
  const [a, p, n] = x.unbind(0).map((row) => row.unsqueeze(0)) as [Tensor, Tensor, Tensor];
  const distanceFunction = (one: Tensor, other: Tensor): Tensor => one.sub(other).abs().sum(-1);
  expect(rounded(new TripletMarginWithDistanceLoss({ distanceFunction, margin: 4 }).forward(a, p, n))).toEqual([5.5]);
  expect(rounded(new TripletMarginWithDistanceLoss({ margin: 4, swap: true }).forward(a, p, n))).toEqual([4.37006]);
});
