import { fromTypedArray } from '@gradwire/tensor';
import { csvNumbers, readCsv, type CsvTable } from './csv.ts';
import type { DataSplits, LabeledBatch } from './dataset.ts';
import { epochPermutation } from './distributed-sampler.ts';
import { TableEncoder } from './table-encoder.ts';
import { TensorDataset } from './tensor-dataset.ts';
import { dataFolder, findFile } from './text-lines.ts';

const TARGET = 'median_house_value';
const DOLLARS = 100_000;
const TEST_SHARE = 5;

/**
 * House prices in 20,640 districts of California (Pace & Barry 1997; the census of 1990) from california_housing.csv,
 * plain or .gz, in `dir` or `dir`/tabular; without `dir`, in the folder that GRADWIRE_DATA names. A batch has
 * x: [b, F], the other columns as by TableEncoder, and y: [b, 1], the median price in 100,000 dollars. A fifth of the
 * rows, chosen by a fixed permutation, is the test set.
 * Throws GradwireError: ERR_DATA_MISSING, ERR_DATA_TOO_LARGE, ERR_DATA_CORRUPT.
 */
export function californiaHousing(dir?: string): DataSplits<LabeledBatch> & { readonly features: readonly string[] } {
  const table = readCsv(findFile(dataFolder('californiaHousing', dir), 'tabular', 'california_housing.csv'));
  const order = [...epochPermutation(table.rows.length, 0, 0)];
  const cut = Math.floor(order.length / TEST_SHARE);
  const choose = (indices: readonly number[]): CsvTable => ({ ...table, rows: indices.map((i) => table.rows[i]!) });
  const [test, train] = [choose(order.slice(0, cut)), choose(order.slice(cut))];
  const encoder = new TableEncoder(
    train,
    table.columns.filter((name) => name !== TARGET),
  );
  const dataset = (part: CsvTable): TensorDataset<LabeledBatch> => {
    const prices = Float32Array.from(csvNumbers(part, TARGET), (price) => price / DOLLARS);
    const x = fromTypedArray(encoder.encode(part), [prices.length, encoder.features.length]);
    return new TensorDataset<LabeledBatch>({ x, y: fromTypedArray(prices, [prices.length, 1]) });
  };
  return { train: dataset(train), test: dataset(test), features: encoder.features };
}
