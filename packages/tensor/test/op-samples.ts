import { attentionSamples } from './op-samples/attention.ts';
import { elementwiseSamples } from './op-samples/elementwise.ts';
import { inPlaceSamples } from './op-samples/in-place.ts';
import { movementSamples } from './op-samples/movement.ts';
import { normalisationSamples } from './op-samples/normalisation.ts';
import { productSamples } from './op-samples/products.ts';
import { reductionSamples } from './op-samples/reductions.ts';
import { recurrentSamples } from './op-samples/recurrent.ts';
import { spatialSamples } from './op-samples/spatial.ts';
import type { OpSample } from './op-samples/sample.ts';

/** Sample calls of every differentiable operation: op-coverage.test.ts finds the ones that are missing. */
export const opSamples: readonly OpSample[] = [
  ...attentionSamples,
  ...elementwiseSamples,
  ...inPlaceSamples,
  ...reductionSamples,
  ...movementSamples,
  ...productSamples,
  ...spatialSamples,
  ...recurrentSamples,
  ...normalisationSamples,
];

/** The names of the operations that have samples. */
export const sampledOps: readonly string[] = [...new Set(opSamples.map(({ op }) => op))];
