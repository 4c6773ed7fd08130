import fc from 'fast-check';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { californiaHousing } from '../src/california-housing.ts';
import { csvColumn, csvNumbers, readCsv } from '../src/csv.ts';
import { timeSeries } from '../src/time-series.ts';

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'gradwire-csv-'))));
afterEach(() => rmSync(dir, { recursive: true }));

function file(content: string | Uint8Array, name = 'table.csv'): string {
  writeFileSync(join(dir, name), content);
  return join(dir, name);
}

const corrupt = (message: RegExp) =>
  expect.objectContaining({ code: 'ERR_DATA_CORRUPT', message: expect.stringMatching(message) }) as Error;

describe('readCsv', () => {
  it('reads quoted cells with commas, quotes and line breaks, empty cells, and both kinds of line ends', () => {
    const table = readCsv(file('\uFEFFa,b,c\r\n"x, y","say ""hi""",\n1,"two\nlines",3\n'));
    expect(table.columns).toEqual(['a', 'b', 'c']);
    expect(table.rows).toEqual([
      ['x, y', 'say "hi"', ''],
      ['1', 'two\nlines', '3'],
    ]);
  });

  it('reads back any table that is written with quotes', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', ' ', 'é', '雪') });
    const rows = fc.array(fc.tuple(cell, cell, fc.constant('end')), { maxLength: 8 });
    fc.assert(
      fc.property(rows, (cells) => {
        const quoted = cells.map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(','));
        expect(readCsv(file(['x,y,z', ...quoted].join('\n'))).rows).toEqual(cells);
      }),
      { numRuns: 50 },
    );
  });

  it('takes another delimiter, names for a file without a header, and gzip', () => {
    const path = file(gzipSync('1;2\n3;4\n'), 'table.csv.gz');
    const table = readCsv(path, { delimiter: ';', columns: ['left', 'right'] });
    expect(csvNumbers(table, 'right')).toEqual([2, 4]);
  });

  it.each<[string, string, RegExp]>([
    ['an empty file', '', /table\.csv:1: there is no header/],
    ['a short row', 'a,b\n1,2\n3\n', /table\.csv:3: .*expect 2, got 1/],
    ['rows unlike the header', 'a,b\n1\n2\n', /table\.csv:2: /],
    ['a quote that never ends', 'a,b\n"1,2\n', /table\.csv:\d+: Quote Not Closed/],
    ['a name that stands twice', 'a,b,a\n1,2,3\n', /table\.csv:1: two columns are named "a"/],
  ])('refuses %s with the line', (_, text, message) => {
    expect(() => readCsv(file(text))).toThrow(corrupt(message));
  });

  it('refuses names that are not as many as the cells', () => {
    expect(() => readCsv(file('1,2\n'), { columns: ['a'] })).toThrow(corrupt(/:1: a row has 2 cells, .* 1 columns/));
  });
});

describe('columns', () => {
  const table = { path: 'prices.csv', columns: ['place', 'price'], rows: [['bay', '1.5'], ['hill', '']] }; // prettier-ignore

  it('come by name', () => expect(csvColumn(table, 'place')).toEqual(['bay', 'hill']));

  it('that do not exist are told beside those that do', () => {
    expect(() => csvColumn(table, 'size')).toThrow(corrupt(/no column "size" among place, price/));
  });

  it('of numbers name the row that holds none', () => {
    expect(() => csvNumbers(table, 'price')).toThrow(corrupt(/row 2 of "price" is "", no number/));
  });
});

describe('timeSeries', () => {
  it('reads the last column, from the folder or its subfolder', () => {
    file('"Month","Sunspots"\n"1749-01",58.0\n"1749-02",62.6\n', 'spots.csv');
    expect(timeSeries('spots.csv', dir)).toEqual([58, 62.6]);
    expect(() => timeSeries('other.csv', dir)).toThrow(expect.objectContaining({ code: 'ERR_DATA_MISSING' }));
  });

  it('refuses a file without values', () => {
    expect(() => timeSeries('empty.csv', (file('t,v\n', 'empty.csv'), dir))).toThrow(corrupt(/:2: no value follows/));
  });
});

const data = process.env['GRADWIRE_DATA'] ?? join(import.meta.dirname, '../../../../shared/data');

describe.skipIf(!existsSync(join(data, 'tabular')))('the real tables', () => {
  it('of California have 20,640 districts, a fifth of them for the test, in 8 numbers and 5 kinds of place', () => {
    const { train, test, features } = californiaHousing(data);
    expect([train.length, test.length]).toEqual([16_512, 4_128]);
    expect(features).toHaveLength(13);
    expect(features.at(-1)).toBe('ocean_proximity=NEAR OCEAN');
    const { x, y } = train.batch([0, 1, 2]);
    expect([x.shape, y.shape]).toEqual([[3, 13], [3, 1]]); // prettier-ignore
  });

  it.each([
    ['airline-passengers.csv', 144, 112, 432],
    ['monthly-sunspots.csv', 2820, 58, 33.4],
    ['daily-min-temperatures.csv', 3650, 20.7, 13],
  ])('%s has its %i values', (name, length, first, last) => {
    const values = timeSeries(name, data);
    expect([values.length, values[0], values.at(-1)]).toEqual([length, first, last]);
  });
});
