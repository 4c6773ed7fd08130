import { csvColumn, type CsvTable } from './csv.ts';

/** How one column of a table becomes numbers. */
type ColumnEncoder =
  | { readonly name: string; readonly kind: 'number'; readonly mean: number; readonly std: number }
  | { readonly name: string; readonly kind: 'category'; readonly categories: readonly string[] };

/**
 * Numbers for a network from the columns of a table, learned from the rows to train on and then applied to any rows. A
 * column of numbers becomes (value − mean) / standard deviation, and 0 where a cell is empty; any other column becomes one
 * number for each of its values in sorted order, 1 for the one that is there, and all 0 for a value not seen before.
 */
export class TableEncoder {
  /** What each number of an encoded row stands for: "age", or "proximity=INLAND". */
  readonly features: readonly string[];
  readonly #encoders: readonly ColumnEncoder[];

  /** Throws ERR_DATA_CORRUPT if the table lacks one of the columns. */
  constructor(table: CsvTable, columns: readonly string[]) {
    this.#encoders = columns.map((name) => fitColumn(name, csvColumn(table, name)));
    this.features = this.#encoders.flatMap((encoder) =>
      encoder.kind === 'number' ? [encoder.name] : encoder.categories.map((value) => `${encoder.name}=${value}`),
    );
  }

  /** Rows [N, features], row-major. Throws ERR_DATA_CORRUPT if the table lacks one of the columns. */
  encode(table: CsvTable): Float32Array {
    const width = this.features.length;
    const encoded = new Float32Array(table.rows.length * width);
    let feature = 0;
    for (const encoder of this.#encoders) {
      const start = feature;
      csvColumn(table, encoder.name).forEach((cell, row) => {
        encodeCell(encoder, cell, encoded, row * width + start);
      });
      feature += encoder.kind === 'number' ? 1 : encoder.categories.length;
    }
    return encoded;
  }
}

function fitColumn(name: string, cells: readonly string[]): ColumnEncoder {
  const given = cells.filter((cell) => cell.trim() !== '');
  const values = given.map(Number);
  if (values.every(Number.isFinite)) return { name, kind: 'number', ...moments(values) };
  return { name, kind: 'category', categories: [...new Set(given)].sort() };
}

/** Of a column whose values are all equal, or missing, the deviation counts as 1. */
function moments(values: readonly number[]): { mean: number; std: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length);
  return { mean, std: Math.sqrt(variance) || 1 };
}

function encodeCell(encoder: ColumnEncoder, cell: string, encoded: Float32Array, at: number): void {
  if (encoder.kind === 'number') {
    const value = cell.trim() === '' ? NaN : Number(cell);
    encoded[at] = Number.isFinite(value) ? (value - encoder.mean) / encoder.std : 0;
    return;
  }
  const category = encoder.categories.indexOf(cell);
  if (category >= 0) encoded[at + category] = 1;
}
