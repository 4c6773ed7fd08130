import { tensor } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { exactMatch } from '../src/index.ts';

const [END, PADDING] = [9, 0];
const target = tensor([
  [1, 2, END, PADDING],
  [3, END, PADDING, PADDING],
  [1, 2, 3, END],
]).to('int32');

describe('exactMatch', () => {
  it('counts sequences that are right as a whole, whatever follows their ends', () => {
    const output = tensor([
      [1, 2, END, 7, 7],
      [3, 3, END, END, END],
      [1, 2, 3, END, 1],
    ]).to('int32');
    expect(exactMatch({ end: END, padding: PADDING })(output, target)).toBeCloseTo(2 / 3, 12);
  });

  it('takes a sequence that does not end as the whole row', () => {
    const output = tensor([[1, 2], [3, 1], [1, 2]]).to('int32'); // prettier-ignore
    expect(exactMatch({ end: END, padding: PADDING })(output, target)).toBeCloseTo(1 / 3, 12);
  });

  it('compares whole rows unless told where sequences end, and refuses unequal numbers of them', () => {
    expect(exactMatch()(target, target)).toBe(1);
    expect(exactMatch()(target.narrow(1, 0, 3), target)).toBe(0);
    expect(() => exactMatch()(target.narrow(0, 0, 2), target)).toThrow(/2 sequences of the output, but 3/);
    expect(() => exactMatch()(target.flatten(), target)).toThrow(/exactMatch: tokens must be \[N, T\], got \[12\]/);
  });
});
