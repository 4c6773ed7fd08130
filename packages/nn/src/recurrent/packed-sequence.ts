/** Sequences of unequal lengths without their padding, as PyTorch packs them. */
import { cat, fromTypedArray, full, GradwireError, ShapeError, stack, type Tensor } from '@gradwire/tensor';

/**
 * data: [rows, ...], the elements of all sequences at the first time step, then at the second one, and so on, the longest
 * sequence first; batchSizes: how many sequences reach each time step. sortedIndices: where each of the sorted sequences
 * stood before; unsortedIndices: where each sequence stands now; both null if the order was kept.
 */
export interface PackedSequence {
  readonly data: Tensor;
  readonly batchSizes: readonly number[];
  readonly sortedIndices: Int32Array | null;
  readonly unsortedIndices: Int32Array | null;
}

export type Lengths = Tensor | readonly number[];

/**
 * Packs padded sequences. input: [T, N, ...] or [N, T, ...] if batchFirst; lengths: [N], each from 1 to T. Unless
 * enforceSorted is false they must fall. Throws ShapeError for lengths that do not fit, GradwireError ERR_LENGTHS for
 * an order that does not fall.
 */
export function packPaddedSequence(
  input: Tensor,
  lengths: Lengths,
  { batchFirst = false, enforceSorted = true }: { batchFirst?: boolean; enforceSorted?: boolean } = {},
): PackedSequence {
  const padded = batchFirst ? input.transpose(0, 1) : input;
  const [time, batch] = padded.shape;
  const sizes = checkedLengths(lengths, time, batch);
  const order = fallingOrder(sizes);
  const isSorted = order.every((sequence, i) => sequence === i);
  if (enforceSorted && !isSorted) {
    throw new GradwireError(
      'ERR_LENGTHS',
      `packPaddedSequence: lengths [${sizes.join(', ')}] do not fall; sort the sequences or pass enforceSorted: false`,
    );
  }
  const batchSizes = Array.from({ length: Math.max(...sizes) }, (_, t) => sizes.filter((size) => size > t).length);
  const rows = batchSizes.flatMap((size, t) => order.slice(0, size).map((sequence) => t * batch + sequence));
  const data = padded.flatten(0, 1).indexSelect(0, indexTensor(rows));
  if (enforceSorted) return { data, batchSizes, sortedIndices: null, unsortedIndices: null };
  return { data, batchSizes, sortedIndices: Int32Array.from(order), unsortedIndices: inverse(order) };
}

/**
 * The inverse of packPaddedSequence: the sequences in their first order, [T, N, ...] or [N, T, ...] if batchFirst, and
 * their lengths. T is the longest length, or totalLength; what is beyond an end is paddingValue.
 */
export function padPackedSequence(
  { data, batchSizes, unsortedIndices }: PackedSequence,
  { batchFirst = false, paddingValue = 0, totalLength = batchSizes.length }: PadOptions & { totalLength?: number } = {},
): [padded: Tensor, lengths: number[]] {
  if (totalLength < batchSizes.length) {
    throw new ShapeError(
      `padPackedSequence: totalLength ${totalLength} is less than ${batchSizes.length}, the longest sequence`,
    );
  }
  const batch = batchSizes[0];
  const order = unsortedIndices ?? Int32Array.from({ length: batch }, (_, i) => i);
  const lengths = Array.from(order, (sorted) => batchSizes.filter((size) => size > sorted).length);
  const starts = batchSizes.map((_, t) => batchSizes.slice(0, t).reduce((sum, size) => sum + size, 0));
  const padding = data.shape[0]; // the row behind all others
  const rows = Array.from({ length: totalLength * batch }, (_, at) => {
    const [t, sequence] = batchFirst
      ? [at % totalLength, Math.floor(at / totalLength)]
      : [Math.floor(at / batch), at % batch];
    return t < lengths[sequence] ? starts[t] + order[sequence] : padding;
  });
  const rest = data.shape.slice(1);
  const source = cat([data, full([1, ...rest], paddingValue, { dtype: data.dtype })]);
  const leading = batchFirst ? [batch, totalLength] : [totalLength, batch];
  return [source.indexSelect(0, indexTensor(rows)).reshape([...leading, ...rest]), lengths];
}

export interface PadOptions {
  readonly batchFirst?: boolean;
  readonly paddingValue?: number;
}

/** Sequences [length, ...] of any lengths as one tensor [T, N, ...], or [N, T, ...] if batchFirst. */
export function padSequence(
  sequences: readonly Tensor[],
  { batchFirst = false, paddingValue = 0 }: PadOptions = {},
): Tensor {
  if (sequences.length === 0) throw new ShapeError('padSequence: needs at least one sequence');
  const time = Math.max(...sequences.map(({ shape }) => shape[0]));
  const padded = sequences.map((sequence) => {
    const after = Array.from({ length: 2 * (sequence.rank - 1) }, () => 0);
    return sequence.pad([...after, 0, time - sequence.shape[0]], paddingValue);
  });
  return stack(padded, batchFirst ? 0 : 1);
}

/** Packs sequences [length, ...]; see packPaddedSequence. */
export function packSequence(
  sequences: readonly Tensor[],
  { enforceSorted = true }: { enforceSorted?: boolean } = {},
): PackedSequence {
  return packPaddedSequence(
    padSequence(sequences),
    sequences.map(({ shape }) => shape[0]),
    { enforceSorted },
  );
}

export function indexTensor(rows: ArrayLike<number>): Tensor {
  return fromTypedArray(Int32Array.from(rows), [rows.length]);
}

function checkedLengths(lengths: Lengths, time: number, batch: number): number[] {
  const sizes = Array.from('data' in lengths ? lengths.data() : lengths);
  if (sizes.length !== batch || !sizes.every((size) => Number.isInteger(size) && size >= 1 && size <= time)) {
    throw new ShapeError(
      `packPaddedSequence: lengths [${sizes.join(', ')}] must be ${batch} whole numbers from 1 to ${time}`,
    );
  }
  return sizes;
}

/** The sequences from the longest to the shortest. */
function fallingOrder(sizes: readonly number[]): number[] {
  return sizes.map((_, i) => i).sort((a, b) => sizes[b] - sizes[a] || a - b);
}

function inverse(order: readonly number[]): Int32Array {
  const places = new Int32Array(order.length);
  order.forEach((sequence, place) => (places[sequence] = place));
  return places;
}
