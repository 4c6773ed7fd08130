import { batchNorm } from '../../src/ops/batch-norm.ts';
import { dropout } from '../../src/ops/dropout.ts';
import { groupNorm, instanceNorm, layerNorm, rmsNorm } from '../../src/ops/row-norm.ts';
import { Generator } from '../../src/random/generator.ts';
import { tensor } from '../../src/create.ts';
import type { OpSample } from './sample.ts';

/** x, and weights that keep the results small, so that what cancels in their sums stays below the tolerance. */
const shapes = (x: number[], ...vectors: number[][]): OpSample['inputs'] => [
  { shape: x },
  ...vectors.map((shape) => ({ shape, low: -0.5, high: 0.5 })),
];
const running = { runningMean: tensor([0.5, -1]), runningVar: tensor([2, 0.25]) };

/** Normalisations and dropout. */
export const normalisationSamples: readonly OpSample[] = [
  {
    op: 'batchNorm',
    title: 'rows of seven channels',
    inputs: shapes([5, 7], [7], [7]),
    run: (x, weight, bias) => batchNorm(x, { weight, bias, training: true }),
  },
  {
    op: 'batchNorm',
    title: 'images, permuted',
    inputs: shapes([2, 3, 2, 2], [3], [3]),
    run: (x, weight, bias) => batchNorm(x.permute([3, 1, 2, 0]), { weight, bias, training: true, eps: 0.1 }),
  },
  { op: 'batchNorm', title: 'without weights', inputs: shapes([2, 3, 9]), run: (x) => batchNorm(x) },
  {
    op: 'batchNorm',
    title: 'running moments, rows',
    inputs: shapes([5, 2], [2], [2]),
    run: (x, weight, bias) => batchNorm(x, { ...running, weight, bias }),
  },
  {
    op: 'batchNorm',
    title: 'running moments, volumes',
    inputs: shapes([2, 2, 2, 3, 2], [2], [2]),
    run: (x, weight, bias) => batchNorm(x, { ...running, weight, bias }),
  },
  {
    op: 'layerNorm',
    title: 'the last dimension',
    inputs: shapes([3, 2, 11], [11], [11]),
    run: (x, weight, bias) => layerNorm(x, [11], { weight, bias }),
  },
  {
    op: 'layerNorm',
    title: 'two dimensions, transposed',
    inputs: shapes([3, 5, 4], [5, 3], [5, 3]),
    run: (x, weight, bias) => layerNorm(x.permute([2, 1, 0]), [5, 3], { weight, bias, eps: 0.01 }),
  },
  { op: 'layerNorm', title: 'without weights', inputs: shapes([4, 6]), run: (x) => layerNorm(x, [6]) },
  {
    op: 'layerNorm',
    title: 'weight without bias',
    inputs: shapes([4, 6], [6]),
    run: (x, weight) => layerNorm(x, [6], { weight }),
  },
  {
    op: 'layerNorm',
    title: 'no rows',
    inputs: shapes([0, 6], [6], [6]),
    run: (x, weight, bias) => layerNorm(x, [6], { weight, bias }),
  },
  {
    op: 'rmsNorm',
    title: 'the last dimension',
    inputs: shapes([3, 2, 9], [9]),
    run: (x, weight) => rmsNorm(x, [9], { weight, eps: 1e-6 }),
  },
  { op: 'rmsNorm', title: 'without weight', inputs: shapes([5, 4]), run: (x) => rmsNorm(x, [4]) },
  {
    op: 'groupNorm',
    title: 'images in two groups',
    inputs: shapes([2, 6, 3, 2], [6], [6]),
    run: (x, weight, bias) => groupNorm(x, 2, { weight, bias }),
  },
  {
    op: 'groupNorm',
    title: 'rows in groups of nine',
    inputs: shapes([3, 18], [18], [18]),
    run: (x, weight, bias) => groupNorm(x, 2, { weight, bias }),
  },
  { op: 'groupNorm', title: 'without weights', inputs: shapes([2, 4, 5]), run: (x) => groupNorm(x, 2) },
  {
    op: 'instanceNorm',
    title: 'images',
    inputs: shapes([2, 3, 3, 3], [3], [3]),
    run: (x, weight, bias) => instanceNorm(x, { weight, bias }),
  },
  { op: 'instanceNorm', title: 'without weights', inputs: shapes([2, 3, 5]), run: (x) => instanceNorm(x) },
  {
    op: 'dropout',
    title: 'elements, permuted',
    inputs: shapes([5, 7, 3]),
    run: (x) => dropout(x.permute([2, 0, 1]), 0.3, { from: new Generator(3, 2 ** 33, 2 ** 35).state }),
  },
  {
    op: 'dropout',
    title: 'channels',
    inputs: shapes([2, 3, 2, 3]),
    run: (x) => dropout(x, 0.5, { unitDims: [0, 1], from: new Generator(4).state }),
  },
  {
    op: 'dropout',
    title: 'one mask for all samples',
    inputs: shapes([3, 17]),
    run: (x) => dropout(x, 0.5, { unitDims: [1], from: new Generator(5).state }),
  },
  { op: 'dropout', title: 'everything', inputs: shapes([3]), run: (x) => dropout(x, 1) },
];
