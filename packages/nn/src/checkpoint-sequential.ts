import { checkpoint, GradwireError, type Tensor } from '@gradwire/tensor';
import type { Layer, Sequential } from './layers/sequential.ts';

/**
 * The layers one after the other, in `segments` parts of about equal length of which only the inputs are kept for backward;
 * the last part is kept whole, since backward begins there. Their number's square root is a good choice (Chen et al. 2016).
 * Throws GradwireError ERR_USAGE unless there is a layer for each segment.
 */
export function checkpointSequential(layers: Sequential | readonly Layer[], segments: number, x: Tensor): Tensor {
  const list = 'layers' in layers ? layers.layers : layers;
  if (!(Number.isInteger(segments) && segments >= 1 && segments <= list.length)) {
    throw new GradwireError(
      'ERR_USAGE',
      `checkpointSequential: segments must be a whole number from 1 to ${list.length}, the number of layers, got ${segments}`,
    );
  }
  const length = Math.floor(list.length / segments);
  const run = (from: number, to: number, input: Tensor): Tensor =>
    list.slice(from, to).reduce((y, layer) => layer.forward(y), input);
  for (let i = 0; i < segments - 1; i++) x = checkpoint(run, i * length, (i + 1) * length, x);
  return run((segments - 1) * length, list.length, x);
}
