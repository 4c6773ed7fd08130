import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countTokens, Vocabulary } from '../src/vocabulary.ts';

const counts = countTokens([
  ['b', 'a', 'c'],
  ['a', 'b'],
  ['a', 'd'],
]);

describe('Vocabulary', () => {
  it('numbers special tokens first, then by frequency and by name', () => {
    expect([...counts]).toEqual([
      ['b', 2],
      ['a', 3],
      ['c', 1],
      ['d', 1],
    ]);
    expect(new Vocabulary(counts).tokens).toEqual(['<pad>', '<unk>', 'a', 'b', 'c', 'd']);
  });

  it('leaves rare tokens out, and those over the greatest size', () => {
    expect(new Vocabulary(counts, { minFrequency: 2 }).tokens).toEqual(['<pad>', '<unk>', 'a', 'b']);
    expect(new Vocabulary(counts, { maxSize: 3 }).tokens).toEqual(['<pad>', '<unk>', 'a']);
  });

  it('encodes what it does not know as the unknown token', () => {
    const vocabulary = new Vocabulary(counts, { specials: ['.', '?'], unknown: '?', maxSize: 4 });
    expect(vocabulary.encode(['a', 'd', '.', 'b'])).toEqual([2, 1, 0, 3]);
    expect(vocabulary.decode([3, 1])).toEqual(['b', '?']);
    expect([vocabulary.has('a'), vocabulary.has('d'), vocabulary.size]).toEqual([true, false, 4]);
  });

  it('keeps the place of a special token that is also counted', () => {
    expect(new Vocabulary(counts, { specials: ['d', 'a'], unknown: 'd' }).tokens).toEqual(['d', 'a', 'b', 'c']);
  });

  it.each<[string, () => unknown, RegExp]>([
    ['an unknown token without one for it', () => bare().encode(['x']), /token 'x' is not known/],
    ['a number without token', () => bare().decode([4]), /4 is not the number of one of the 4 tokens/],
    ['too small a size', () => new Vocabulary(counts, { maxSize: 1 }), /maxSize must be at least 2/],
    ['a negative frequency', () => new Vocabulary(counts, { minFrequency: -1 }), /minFrequency must be 0 or more/],
    ['equal special tokens', () => new Vocabulary(counts, { specials: ['x', 'x'], unknown: 'x' }), /must differ/],
    ['an unknown token that is not special', () => new Vocabulary(counts, { unknown: 'a' }), /'a' must be one of/],
  ])('refuses %s', (_, act, message) => {
    expect(act).toThrow(expect.objectContaining({ code: 'ERR_VOCABULARY', message: expect.stringMatching(message) }));
  });

  it('decodes what it encoded, and does not depend on the order of the counts', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.string({ maxLength: 3 }))), (rows) => {
        const all = countTokens(rows);
        const vocabulary = new Vocabulary(all);
        for (const row of rows) expect(vocabulary.decode(vocabulary.encode(row))).toEqual(row);
        expect(new Vocabulary(new Map([...all].reverse())).tokens).toEqual(vocabulary.tokens);
      }),
    );
  });
});

function bare(): Vocabulary {
  return new Vocabulary(counts, { specials: [], unknown: null });
}
