import type { Tensor } from '@gradwire/tensor';
import type { AttentionMasks } from './attention-masks.ts';

type Inputs = readonly [query: Tensor, key: Tensor, value: Tensor];
/** [output, weights]. */
type Attended = [Tensor, Tensor | null];

/** Calls `attend` with inputs as [N, L, E], whatever their layout, and gives its output the layout of the query. */
export function inBatchFirst<Options extends AttentionMasks>(
  inputs: Inputs,
  options: Options,
  batchFirst: boolean,
  attend: (inputs: Inputs, options: Options) => Attended,
): Attended {
  if (inputs[0].rank === 2) {
    const masks = { ...options, keyPaddingMask: options.keyPaddingMask?.unsqueeze(0) };
    const [output, weights] = attend(
      each(inputs, (x) => x.unsqueeze(0)),
      masks,
    );
    return [output.squeeze(0), weights && weights.squeeze(0)];
  }
  if (batchFirst) return attend(inputs, options);
  const [output, weights] = attend(
    each(inputs, (x) => x.transpose(0, 1)),
    options,
  );
  return [output.transpose(0, 1), weights];
}

/** Equal inputs stay equal, so that self-attention is known as such. */
function each([query, key, value]: Inputs, change: (x: Tensor) => Tensor): Inputs {
  const changed = new Map([query, key, value].map((x) => [x, change(x)]));
  return [changed.get(query)!, changed.get(key)!, changed.get(value)!];
}
