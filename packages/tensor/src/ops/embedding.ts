import { DELIVERED, leafTarget, record, type Node } from '../autograd.ts';
import { noted } from '../autograd/trace.ts';
import { DTypeError, ShapeError } from '../errors.ts';
import { readsNothing } from '../autograd/versions.ts';
import { heapOf, shiftOf, type DType } from '../dtype.ts';
import { views } from '../heap/memory.ts';
import { block, openBlock } from '../kernels/block.ts';
import { kernelsFor } from '../kernels/dispatch.ts';
import { bindLines } from '../kernels/lines.ts';
import { show } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { rowMajor } from './accumulate.ts';
import { mul } from './arithmetic.ts';
import { ne } from './compare.ts';
import { fill } from './fill.ts';
import { checkBounds } from './gather.ts';
import { reshape, unsqueeze } from './reshape.ts';
import { maskedBy } from './where.ts';

export interface EmbeddingOptions {
  /** Look-ups of this row give no gradient; null for none. */
  readonly paddingIdx?: number | null;
  /** Divides the gradient of a row by how often the call looks it up. */
  readonly scaleGradByFreq?: boolean;
}

interface Saved {
  readonly picks: Tensor;
  readonly paddingIdx: number;
  readonly scaleGradByFreq: boolean;
}

/**
 * Rows of a table by index. index: [...] int32, weight: [rows, width] → [..., width].
 * Throws ShapeError if an index is no row, DTypeError if the indices are not int32.
 */
export function embedding(
  index: Tensor,
  weight: Tensor,
  { paddingIdx = null, scaleGradByFreq = false }: EmbeddingOptions = {},
): Tensor {
  if (weight.rank !== 2) throw new ShapeError(`embedding: weight must be [rows, width], got ${show(weight.shape)}`);
  if (index.dtype !== 'int32') throw new DTypeError(`embedding: indices must be int32, got ${index.dtype}`);
  const [rows, width] = weight.shape;
  checkBounds('embedding', index, rows);
  const [table, picks] = [rowMajor(weight), rowMajor(index)];
  const out = Tensor.empty([...index.shape, width], weight.dtype);
  const kernels = kernelsFor(weight.dtype);
  bindLines(out.address, table.address, picks.address, { outer: 1, n: rows, inner: width })[6] = index.size;
  if (out.size > 0) kernels.indexSelect(block);
  const saved: Saved = { picks, paddingIdx: paddingIdx ?? -1, scaleGradByFreq };
  return noted(record(out, embeddingGradient, [weight], saved), 'embedding', [weight, index]);
}
function embeddingGradient(grad: Tensor, { inputs: [weight], saved }: Node): (Tensor | typeof DELIVERED)[] {
  const target = leafTarget(weight);
  const out = target ?? Tensor.empty(weight.shape, weight.dtype);
  if (target === null || !weight.hasGrad) fill(out, 0);
  addRows(out, rowMajor(grad), saved as Saved);
  if (target === null) return [record(out, embeddingBackGradient, [grad], saved)];
  weight.hasGrad = true;
  return [DELIVERED];
}

/** The gradient of a table is linear in that of the look-ups; this is its transpose. */
function embeddingBackGradient(grad: Tensor, { output: { shape, dtype }, saved }: Node): Tensor[] {
  const { picks, paddingIdx, scaleGradByFreq } = saved as Saved;
  let rows = embedding(picks, grad);
  if (paddingIdx >= 0) rows = maskedBy(unsqueeze(ne(picks, paddingIdx), -1), rows);
  if (scaleGradByFreq) rows = mul(rows, reshape(inverseFrequencies(picks, shape[0], dtype), [...picks.shape, 1]));
  return [rows];
}

function addRows(out: Tensor, grad: Tensor, { picks, paddingIdx, scaleGradByFreq }: Saved): void {
  if (grad.size === 0) return;
  const factors = scaleGradByFreq ? inverseFrequencies(picks, out.shape[0], out.dtype) : null;
  const kernels = kernelsFor(out.dtype);
  const words = openBlock();
  words[0] = out.address;
  words[1] = grad.address;
  words[2] = picks.address;
  words[3] = picks.size;
  words[4] = out.shape[1];
  words[5] = paddingIdx;
  words[6] = factors ? factors.address : 0;
  kernels.embeddingGrad(block);
}

/** For each look-up, one over how often its row is looked up. */
function inverseFrequencies(picks: Tensor, rows: number, dtype: DType): Tensor {
  const factors = Tensor.empty([picks.size], dtype);
  const index = views.i32.subarray(picks.address >>> 2, (picks.address >>> 2) + picks.size);
  const counts = new Uint32Array(rows);
  for (const row of index) counts[row]++;
  index.forEach((row, i) => (heapOf(dtype)[(factors.address >>> shiftOf(dtype)) + i] = 1 / counts[row]));
  return factors;
}

readsNothing(embeddingGradient, embeddingBackGradient);
