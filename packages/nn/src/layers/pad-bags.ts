import { arange, DTypeError, fromTypedArray, ones, ShapeError, type Tensor } from '@gradwire/tensor';

/** Bags of indices, each filled up to the longest. */
export interface PaddedBags {
  /** [bags, longest] int32; 0 where there is nothing. */
  readonly index: Tensor;
  /** Where each stood among the given indices: [bags, longest] int32. */
  readonly positions: Tensor;
  /** 1 where an index counts, 0 for the filling and for `padding`: [bags, longest] float32. */
  readonly counted: Tensor;
}

/** Cuts indices [n] at `starts`, or takes the rows of [bags, n] as bags. Throws ShapeError if the cuts do not fit. */
export function padBags(
  index: Tensor,
  offsets: Tensor | null | undefined,
  padding: number | null,
  includesEnd: boolean,
): PaddedBags {
  if (index.dtype !== 'int32') throw new DTypeError(`EmbeddingBag: indices must be int32, got ${index.dtype}`);
  if (index.rank === 2 && !offsets) {
    const counted = padding === null ? ones(index.shape) : index.ne(padding).to('float32');
    return { index, positions: arange(index.size).reshape(index.shape), counted };
  }
  const starts = boundaries(index, offsets, includesEnd);
  const values = index.data();
  const bags = starts.length - 1;
  let longest = 0;
  for (let bag = 0; bag < bags; bag++) longest = Math.max(longest, starts[bag + 1] - starts[bag]);
  const [padded, positions] = [new Int32Array(bags * longest), new Int32Array(bags * longest)];
  const counted = new Float32Array(bags * longest);
  for (let bag = 0; bag < bags; bag++) {
    for (let from = starts[bag], to = bag * longest; from < starts[bag + 1]; from++, to++) {
      padded[to] = values[from];
      positions[to] = from;
      counted[to] = Number(values[from] !== padding);
    }
  }
  const asBags = (data: Int32Array | Float32Array): Tensor => fromTypedArray(data, [bags, longest]);
  return { index: asBags(padded), positions: asBags(positions), counted: asBags(counted) };
}

/** Start of each bag, and the end of the last. */
function boundaries(index: Tensor, offsets: Tensor | null | undefined, includesEnd: boolean): number[] {
  if (index.rank !== 1 || offsets?.rank !== 1) {
    throw new ShapeError(
      `EmbeddingBag: takes indices [bags, n], or [n] with offsets [bags]; got indices [${index.shape.join(', ')}] ` +
        `and ${offsets ? `offsets [${offsets.shape.join(', ')}]` : 'no offsets'}`,
    );
  }
  const starts = Array.from(offsets.data());
  if (!includesEnd) starts.push(index.size);
  if (starts[0] !== 0 || starts.some((start, bag) => start > index.size || (bag > 0 && start < starts[bag - 1]))) {
    throw new ShapeError(
      `EmbeddingBag: offsets must grow from 0 to at most ${index.size}, got ${String(offsets.data())}`,
    );
  }
  return starts;
}
