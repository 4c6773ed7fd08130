import { CsvError, parse } from 'csv-parse/sync';
import { corruptFile } from './read-file.ts';
import { corruptLine, readText } from './text-lines.ts';

/** A table as it stands in a file: every cell is a text, '' where it is empty. */
export interface CsvTable {
  /** Where it came from, for errors. */
  readonly path: string;
  readonly columns: readonly string[];
  /** Each as long as `columns`. */
  readonly rows: readonly (readonly string[])[];
}

export interface CsvOptions {
  /** What stands between two cells; a comma by default. */
  readonly delimiter?: string;
  /** Names of the columns of a file without a header; by default the first line names them. */
  readonly columns?: readonly string[];
}

/**
 * Reads a CSV file (RFC 4180: quoted cells may hold delimiters, quotes and line breaks), plain or gzipped.
 * Throws GradwireError: ERR_DATA_MISSING, ERR_DATA_TOO_LARGE over 256 MiB, ERR_DATA_CORRUPT with the line.
 */
export function readCsv(path: string, { delimiter = ',', columns }: CsvOptions = {}): CsvTable {
  const lines = parseLines(readText(path), path, delimiter);
  const [header, ...rows] = columns ? [columns, ...lines] : lines;
  if (!header) throw corruptLine(path, 1, 'there is no header');
  const twice = header.find((name, i) => header.indexOf(name) !== i);
  if (twice !== undefined) throw corruptLine(path, 1, `two columns are named ${JSON.stringify(twice)}`);
  if (rows.length > 0 && rows[0]!.length !== header.length) {
    throw corruptLine(
      path,
      columns ? 1 : 2,
      `a row has ${rows[0]!.length} cells, but there are ${header.length} columns`,
    );
  }
  return { path, columns: header, rows };
}

/** The cells of one column. Throws ERR_DATA_CORRUPT if there is no such column. */
export function csvColumn({ path, columns, rows }: CsvTable, name: string): string[] {
  const at = columns.indexOf(name);
  if (at < 0) throw corruptLine(path, 1, `there is no column ${JSON.stringify(name)} among ${columns.join(', ')}`);
  return rows.map((row) => row[at]!);
}

/** The cells of one column as numbers. Throws ERR_DATA_CORRUPT with the row of a cell that is none. */
export function csvNumbers(table: CsvTable, name: string): number[] {
  return csvColumn(table, name).map((cell, i) => {
    const value = cell.trim() === '' ? NaN : Number(cell);
    if (Number.isFinite(value)) return value;
    throw corruptFile(
      table.path,
      `row ${i + 1} of ${JSON.stringify(name)} is ${JSON.stringify(cell.slice(0, 60))}, no number`,
    );
  });
}

function parseLines(text: string, path: string, delimiter: string): string[][] {
  try {
    return parse(text, { delimiter, bom: true, record_delimiter: ['\r\n', '\n'], skip_empty_lines: true });
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw corruptLine(path, Number(cause['lines'] ?? 1), cause.message.replace(/ on line \d+|at line \d+/, '').trim());
  }
}
