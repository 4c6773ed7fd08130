import type { OpSample } from './sample.ts';

const pair: OpSample['inputs'] = [{ shape: [3, 4] }, { shape: [4], low: 0.5, high: 2 }];

/** Changes in place: of a result, and of a region of it through a view. */
export const inPlaceSamples: readonly OpSample[] = [
  { op: 'add_', title: 'a row to a copy', inputs: pair, run: (x, y) => x.clone().add_(y) },
  {
    op: 'add_',
    title: 'a result to another of its shape',
    inputs: pair,
    run: (x, y) => x.mul(2).add_(x.mul(y)).mul(y),
  },
  { op: 'relu_', title: 'a result, read again', inputs: pair, run: (x, y) => x.mul(y).relu_().mul(x) },
  { op: 'relu_', title: 'a sum in place', inputs: pair, run: (x, y) => x.mul(y).add_(x.neg()).relu_() },
  { op: 'relu_', title: 'columns of a result', inputs: pair, run: (x, y) => x.mul(y).t().relu_().mul(2) },
  { op: 'sub_', title: 'from a result', inputs: pair, run: (x, y) => x.mul(2).sub_(y) },
  { op: 'mul_', title: 'a result twice', inputs: pair, run: (x, y) => x.mul(y).mul_(y).mul_(x) },
  { op: 'div_', title: 'a copy', inputs: pair, run: (x, y) => x.clone().div_(y) },
  { op: 'clamp_', title: 'a result', inputs: pair, run: (x, y) => x.mul(y).clamp_(-0.5, 0.5) },
  { op: 'zero_', title: 'a result', inputs: pair, run: (x, y) => x.mul(y).zero_().add(x) },
  {
    op: 'fill_',
    title: 'a row of a result',
    inputs: pair,
    run: (x, y) => {
      const product = x.mul(y);
      product.select(0, 1).fill_(0.25);
      return product.mul(x);
    },
  },
  {
    op: 'copy_',
    title: 'a row over columns of a result, through views of views',
    inputs: pair,
    run: (x, y) => {
      const product = x.mul(3);
      product
        .t()
        .slice(0, 1, 4, 2)
        .slice(1, 0, 2)
        .copy_(y.slice(0, 0, 2));
      return product.mul(product);
    },
  },
  {
    op: 'mul_',
    title: 'a diagonal, seen by a view made before',
    inputs: pair,
    run: (x, y) => {
      const product = x.mul(3);
      const rows = product.slice(0, 0, 2);
      product.diagonal().mul_(y.slice(0, 0, 3));
      return rows.mul(rows);
    },
  },
];
