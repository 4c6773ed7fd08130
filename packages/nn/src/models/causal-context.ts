/** What decoder-only models have in common: where their tokens stand, and what these may see. */
import { ShapeError, type Tensor } from '@gradwire/tensor';
import { joinMasks } from '../layers/attention-masks.ts';
import type { ModelCache } from '../layers/model-cache.ts';
import { placesBehind, type PositionOptions } from '../layers/positions.ts';

/** What forward of a decoder-only model takes beside the tokens. */
export interface CausalOptions {
  /** Keys and values of earlier tokens, behind which these go on and which they see. For inference. */
  readonly cache?: ModelCache | undefined;
  /** [N, length of the cache + T] bool, true for padding, which none sees and which counts as no place. */
  readonly keyPaddingMask?: Tensor | null | undefined;
  /** Whether only the last place's logits are computed, [N, 1, vocabSize]; false. */
  readonly lastOnly?: boolean | undefined;
}

export interface CausalContext {
  readonly where: PositionOptions;
  /** Over all keys, as scaledDotProductAttention takes it; null if all are open. */
  readonly attnMask: Tensor | null;
}

/** For tokens [N, T]. Throws ShapeError if they are not that, or go beyond contextLength. */
export function causalContext(
  model: string,
  tokens: Tensor,
  contextLength: number,
  { cache, keyPaddingMask }: CausalOptions,
): CausalContext {
  const past = cache?.length ?? 0;
  const [rows, length] = tokens.shape;
  if (tokens.rank !== 2 || past + length > contextLength) {
    const behind = past > 0 ? ` − ${past} in the cache` : '';
    throw new ShapeError(
      `${model}: tokens [${tokens.shape.join(', ')}] must be [N, T] with T at most ${contextLength}${behind}`,
    );
  }
  if (keyPaddingMask && keyPaddingMask.shape.join() !== [rows, past + length].join()) {
    const shape = keyPaddingMask.shape.join(', ');
    throw new ShapeError(`${model}: keyPaddingMask [${shape}] must be [${rows}, ${past + length}]`);
  }
  return {
    where: placesBehind(past, length, keyPaddingMask),
    attnMask: joinMasks({ keyPaddingMask }, rows, 1, 'float32', 0),
  };
}
