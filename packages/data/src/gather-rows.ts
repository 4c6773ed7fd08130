// Filling batches: rows of a long-lived tensor are gathered on the heap itself, with no copy in between.
import { empty, heapViews, type Tensor } from '@gradwire/tensor';

type Indices = Int32Array | readonly number[];

/** The rows at `indices`: rows [n, …] → [indices.length, …], of the same dtype. Indices are not checked. */
export function copyRows(rows: Tensor, indices: Indices): Tensor {
  const batch = empty([indices.length, ...rows.shape.slice(1)], { dtype: rows.dtype });
  const { u8 } = heapViews();
  const rowBytes = rowSize(rows) * BYTES[rows.dtype];
  for (let i = 0; i < indices.length; i++) {
    const from = rows.address + indices[i] * rowBytes;
    u8.copyWithin(batch.address + i * rowBytes, from, from + rowBytes);
  }
  return batch;
}

/**
 * The same for uint8 rows, each value v becoming the float32 table[v]; with a table for each of a row's channels, rows
 * are [n, channels, …]. Indices are not checked.
 */
export function mapRows(rows: Tensor, indices: Indices, tables: readonly Float32Array[]): Tensor {
  const batch = empty([indices.length, ...rows.shape.slice(1)], { dtype: 'float32' });
  const { u8, f32 } = heapViews();
  const size = rowSize(rows);
  const channelSize = size / tables.length;
  let to = batch.address >>> 2;
  for (const index of indices) {
    let from = rows.address + index * size;
    for (const table of tables) {
      for (let j = 0; j < channelSize; j++) f32[to + j] = table[u8[from + j]];
      from += channelSize;
      to += channelSize;
    }
  }
  return batch;
}

const BYTES = { float32: 4, float64: 8, int32: 4, uint8: 1, bool: 1 } as const;

function rowSize(rows: Tensor): number {
  return rows.shape.slice(1).reduce((product, size) => product * size, 1);
}
