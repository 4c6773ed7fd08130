import type { FlatParameters } from '@gradwire/tensor';
import type { Slice } from '../collectives/partition.ts';

/** A range of the flat gradient that travels as one message, and the parameters in it. */
export interface Bucket extends Slice {
  /** Indices of its parameters. */
  readonly parameters: readonly number[];
}

/** Small enough that the first message leaves early, large enough that its cost per byte is low. */
const FIRST_BUCKET_ELEMENTS = 64 * 1024;
const BUCKET_ELEMENTS = 1024 * 1024;

/**
 * Cuts the flat gradient into buckets in the order in which backward finishes them: from the last parameter to the
 * first (Li et al. 2020, PyTorch DDP). A pure function of the parameter sizes, so that all ranks have the same plan.
 */
export function planBuckets(
  { offsets }: Pick<FlatParameters, 'offsets'>,
  firstElements = FIRST_BUCKET_ELEMENTS,
  elements = BUCKET_ELEMENTS,
): Bucket[] {
  const buckets: Bucket[] = [];
  let end = offsets.length - 1; // parameter index behind the bucket
  for (let i = end - 1; i >= 0; i--) {
    const size = offsets[end]! - offsets[i]!;
    if (i > 0 && size < (buckets.length === 0 ? firstElements : elements)) continue;
    const parameters = Array.from({ length: end - i }, (_, k) => i + k);
    buckets.push({ start: offsets[i]!, end: offsets[end]!, parameters });
    end = i;
  }
  return buckets;
}
