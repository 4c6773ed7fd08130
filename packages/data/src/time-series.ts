import { csvNumbers, readCsv } from './csv.ts';
import { corruptLine, dataFolder, findFile } from './text-lines.ts';

/**
 * The values of a series in time order from a CSV file whose last column holds them: `file` (or `file`.gz) in `dir` or
 * `dir`/timeseries; without `dir`, in the folder that GRADWIRE_DATA names.
 * Throws GradwireError: ERR_DATA_MISSING, ERR_DATA_TOO_LARGE, or ERR_DATA_CORRUPT with the line.
 */
export function timeSeries(file: string, dir?: string): number[] {
  const path = findFile(dataFolder('timeSeries', dir), 'timeseries', file);
  const table = readCsv(path);
  if (table.rows.length === 0) throw corruptLine(path, 2, 'no value follows the header');
  return csvNumbers(table, table.columns.at(-1)!);
}
