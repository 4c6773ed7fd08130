import { describe, expect, it } from 'vitest';
import { TableEncoder } from '../src/table-encoder.ts';

const table = (...rows: string[][]) => ({ path: 'people.csv', columns: ['age', 'town', 'same'], rows });
const known = table(['20', 'Ulm', '7'], ['40', 'Bern', '7'], ['', 'Ulm', '7']);

describe('TableEncoder', () => {
  const encoder = new TableEncoder(known, ['age', 'town', 'same']);

  it('names what each number stands for', () => {
    expect(encoder.features).toEqual(['age', 'town=Bern', 'town=Ulm', 'same']);
  });

  it('scales numbers by the mean and deviation of the rows it learned from, and puts the mean where a cell is empty', () => {
    expect([...encoder.encode(known)]).toEqual([-1, 0, 1, 0, 1, 1, 0, 0, 0, 0, 1, 0]);
  });

  it('gives rows it has not seen the same scale, and no kind to a value it does not know', () => {
    expect([...encoder.encode(table(['60', 'Rom', '8'], ['?', '', '']))]).toEqual([3, 0, 0, 1, 0, 0, 0, 0]);
  });

  it('takes only the columns that it is given', () => {
    expect([...new TableEncoder(known, ['town']).encode(known)]).toEqual([0, 1, 1, 0, 0, 1]);
    expect(() => new TableEncoder(known, ['height'])).toThrow(/no column "height"/);
  });
});
