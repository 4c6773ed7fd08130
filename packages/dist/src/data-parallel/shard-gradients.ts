import { accumulate, Tensor, type FlatParameters, type TensorHandle } from '@gradwire/tensor';
import type { StepControl } from '../threads/step-control.ts';
import type { Bucket } from './bucket-plan.ts';
import { BackwardTwiceError } from './errors.ts';

/**
 * The gradients of the logical shards of one process, seen from one of its threads. Each shard has a flat gradient of
 * its own; they are summed into that of shard 0, in the fixed binary tree over shards (midpoint rounded down, as
 * `treeSum`), so the bits do not depend on threads or timing. Where buckets are waited for, whoever finishes one as the last of
 * all shards sums it; where they are not, each thread sums a slice when all are done.
 */
export class ShardGradients {
  readonly #flat: FlatParameters;
  readonly #buckets: readonly Bucket[];
  readonly #control: StepControl;
  readonly #onSummed: ((bucket: number) => void) | null;
  /** Flat gradients, and for each bucket its segment of each. */
  readonly #gradients: readonly Tensor[];
  readonly #segments: readonly (readonly Tensor[])[];
  readonly #bucketOf: number[] = [];
  readonly #missing: number[] = [];
  /** For each parameter, whether its gradient is there. */
  readonly #isThere: boolean[] = [];
  #isHeld = false;

  /**
   * gradients: one handle a shard of this process; onSummed: called in this thread when it has summed a bucket, or null where
   * nobody waits for buckets: then call `sumSlice`.
   */
  constructor(
    flat: FlatParameters,
    buckets: readonly Bucket[],
    gradients: readonly TensorHandle[],
    control: StepControl,
    onSummed: ((bucket: number) => void) | null,
  ) {
    this.#flat = flat;
    this.#buckets = buckets;
    this.#control = control;
    this.#onSummed = onSummed;
    this.#gradients = gradients.map((handle) => Tensor.fromHandle(handle));
    this.#segments = buckets.map(({ start, end }) =>
      gradients.map(({ address }) =>
        Tensor.fromHandle({ address: address + start * 4, shape: [end - start], dtype: 'float32' }),
      ),
    );
    buckets.forEach((bucket, b) => bucket.parameters.forEach((parameter) => (this.#bucketOf[parameter] = b)));
    flat.parameters.forEach((parameter, i) => {
      this.#isThere[i] = false;
      parameter.gradHook = () => this.#arrived(i);
    });
  }

  /** Directs the gradients of the next backward to a shard (its index within the process) and drops what was there. */
  begin(shard: number): void {
    this.#flat.bindGradients(this.#gradients[shard]!);
    this.#restart();
  }

  /** Ends the shard's backward: parameters that had no part in it get a zero gradient. */
  end(): void {
    this.#buckets.forEach(({ parameters }, b) => {
      if (this.#missing[b] === 0) return;
      for (const i of parameters) {
        const parameter = this.#flat.parameters[i]!;
        if (!parameter.hasGrad) parameter.gradBuffer!.view().fill(0);
      }
      this.#contribute(b);
    });
    this.#restart();
    for (const parameter of this.#flat.parameters) parameter.hasGrad = parameter.requiresGrad; // frozen ones stay
  }

  /** Sums elements `start` to `end` of all shards; all of these have ended, and no other thread sums them. */
  sumSlice(start: number, end: number): void {
    if (start === end) return;
    const shape = [end - start];
    const slices = this.#gradients.map(({ address }) =>
      Tensor.fromHandle({ address: address + start * 4, shape, dtype: 'float32' }),
    );
    sumTree(slices, 0, slices.length);
  }

  /** A backward in `body` adds to the shard's gradient, but finishes no bucket: another one follows. */
  withoutSending<Result>(body: () => Result): Result {
    this.#isHeld = true;
    try {
      return body();
    } finally {
      this.#isHeld = false;
    }
  }

  #restart(): void {
    this.#buckets.forEach(({ parameters }, b) => (this.#missing[b] = parameters.length));
    this.#isThere.fill(false);
  }

  #arrived(parameter: number): void {
    if (this.#isHeld) return;
    if (this.#isThere[parameter]) throw new BackwardTwiceError();
    this.#isThere[parameter] = true;
    const bucket = this.#bucketOf[parameter]!;
    if (--this.#missing[bucket]! === 0) this.#contribute(bucket);
  }

  #contribute(bucket: number): void {
    if (this.#onSummed === null) return;
    const segments = this.#segments[bucket]!;
    if (!this.#control.contribute(bucket, segments.length)) return;
    sumTree(segments, 0, segments.length);
    this.#onSummed(bucket);
  }
}

/** Leaves the sum of segments[from] … segments[to − 1] in segments[from]. */
function sumTree(segments: readonly Tensor[], from: number, to: number): void {
  if (to - from < 2) return;
  const middle = Math.floor((from + to) / 2);
  sumTree(segments, from, middle);
  sumTree(segments, middle, to);
  accumulate(segments[from]!, segments[middle]!);
}
