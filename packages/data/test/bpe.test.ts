import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { BpeTokenizer } from '../src/bpe-tokenizer.ts';
import { trainBpe } from '../src/train-bpe.ts';

/** Each word as often as it says, a text each. */
const corpus = (counts: Readonly<Record<string, number>>): string[] =>
  Object.entries(counts).flatMap(([word, count]) => Array<string>(count).fill(word));

/** The dictionary of section 3.2 of the paper. */
const paper = corpus({ low: 5, lower: 2, newest: 6, widest: 3 });
const FIXED = 3 + 16;

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('a', 'b', 'low', 'est', ' ', '  ', '\n', '<s>', '\ud83d', '\ude00', 'é') }),
);

describe('trainBpe', () => {
  it('finds the merges of the paper in its order', () => {
    const { merges } = trainBpe(paper, { vocabularySize: 100 });
    expect(merges.slice(0, 10)).toEqual([
      ['e', 's'],
      ['es', 't'],
      ['est', ' '],
      ['l', 'o'],
      ['lo', 'w'],
      ['n', 'e'],
      ['ne', 'w'],
      ['new', 'est '],
      ['low', ' '],
      ['w', 'i'],
    ]);
  });

  it('joins in each step a pair that is the most frequent then, the first of several', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 12 }), (words) => {
        expect(trainBpe(words, { vocabularySize: FIXED + 20 }).merges).toEqual(plainMerges(words, 20));
      }),
    );
  });

  it('numbers special tokens, digits, characters by frequency, then merges', () => {
    const { tokens, size } = trainBpe(paper, { vocabularySize: FIXED + 13 });
    expect(size).toBe(FIXED + 13);
    expect(tokens.slice(0, 5)).toEqual(['<pad>', '<s>', '</s>', '<0>', '<1>']);
    expect(tokens.slice(FIXED).join('|')).toBe('e| |w|s|t|l|o|n|d|i|r|es|est');
  });

  it('ends early when no pair occurs twice, and leaves out the rarest characters when there is no room', () => {
    expect(trainBpe(['abcd'], { vocabularySize: 100 }).merges).toEqual([]);
    const small = trainBpe(['aaab'], { vocabularySize: FIXED + 1 });
    expect(small.tokens.slice(FIXED)).toEqual(['a']);
    expect(small.decode(small.encode('abba'))).toBe('abba');
  });

  it.each([18, 20.5, NaN])('refuses a vocabulary of %d tokens', (vocabularySize) => {
    expect(() => trainBpe(paper, { vocabularySize })).toThrow(expect.objectContaining({ code: 'ERR_VOCABULARY' }));
  });
});

describe('BpeTokenizer', () => {
  const tokenizer = trainBpe(paper, { vocabularySize: FIXED + 11 + 9 });

  it('gives every text back, whatever it was trained on', () => {
    fc.assert(
      fc.property(anyText, fc.array(anyText, { maxLength: 4 }), fc.nat({ max: 60 }), (text, texts, room) => {
        const trained = trainBpe(texts, { vocabularySize: FIXED + room });
        const ids = trained.encode(text);
        expect(trained.decode(ids)).toBe(text);
        expect(ids.every((id) => id > 2 && id < trained.size)).toBe(true);
      }),
    );
  });

  it('encodes words by the merges, each word with its end', () => {
    const pieces = tokenizer.encode('lowest newer low').map((id) => tokenizer.tokens[id]);
    expect(pieces).toEqual(['low', 'est ', 'new', 'e', 'r', ' ', 'low ']);
  });

  it('joins the pair of the earliest merge first, wherever it stands', () => {
    const merges = [['b', 'c'], ['a', 'b']] as const; // prettier-ignore
    const two = new BpeTokenizer({ characters: ['a', 'b', 'c', ' '], merges });
    expect(two.encode('abc').map((id) => two.tokens[id])).toEqual(['a', 'bc', ' ']);
  });

  it('does not take special tokens out of a text, and gives no text for them', () => {
    const ids = tokenizer.encode('<s>');
    expect(ids).not.toContain(tokenizer.start);
    expect(tokenizer.decode([tokenizer.start, ...ids, tokenizer.end, tokenizer.padding])).toBe('<s>');
  });

  it('spells an unknown character by four digits for each UTF-16 unit', () => {
    const digits = tokenizer.encode('☃').slice(0, 4);
    expect(digits.map((id) => tokenizer.tokens[id])).toEqual(['<2>', '<6>', '<0>', '<3>']);
    expect(tokenizer.decode(digits.slice(0, 3))).toBe('\ufffd');
  });

  it('names a number that it does not have', () => {
    expect(() => tokenizer.decode([tokenizer.size])).toThrow(
      `${tokenizer.size} is not one of 0 to ${tokenizer.size - 1}`,
    );
    expect(() => new BpeTokenizer({ characters: ['a'], merges: [['a', 'b']] })).toThrow('merge 0 joins "a" and "b"');
  });
});

describe('the file of a BpeTokenizer', () => {
  const dir = mkdtempSync(join(tmpdir(), 'gradwire-bpe-'));
  const path = join(dir, 'bpe.json');
  afterAll(() => rmSync(dir, { recursive: true }));

  it('keeps all there is', () => {
    const texts = [...paper, 'an odd \ud83d half 😀'];
    const tokenizer = trainBpe(texts, { vocabularySize: 60 });
    tokenizer.save(path);
    const loaded = BpeTokenizer.load(path);
    expect(loaded.tokens).toEqual(tokenizer.tokens);
    for (const text of texts) expect(loaded.encode(text)).toEqual(tokenizer.encode(text));
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ format: 'gradwire-bpe', version: 1 });
  });

  const file = { format: 'gradwire-bpe', version: 1, characters: ['a', 'b'], merges: [['a', 'b']] };
  it.each([
    ['no JSON', '{', /it is not JSON/],
    ['null', 'null', /no gradwire-bpe of version 1/],
    ['another version', JSON.stringify({ ...file, version: 2 }), /no gradwire-bpe of version 1/],
    ['a character of two', JSON.stringify({ ...file, characters: ['ab'] }), /different single characters/],
    ['a character twice', JSON.stringify({ ...file, characters: ['a', 'a'] }), /different single characters/],
    ['a merge of three', JSON.stringify({ ...file, merges: [['a', 'b', 'a']] }), /must be an array of pairs/],
    ['a merge before its parts', JSON.stringify({ ...file, merges: [['ab', 'a']] }), /merge 0 joins what is not known/],
  ])('is refused: %s', (_, content, message) => {
    writeFileSync(path, content);
    expect(() => BpeTokenizer.load(path)).toThrow(
      expect.objectContaining({ code: 'ERR_DATA_CORRUPT', message: expect.stringMatching(message) }),
    );
  });
});

/** The algorithm as the paper writes it down: all pairs are counted anew in each step. */
function plainMerges(texts: readonly string[], size: number): [string, string][] {
  const words = new Map<string, { symbols: string[]; count: number }>();
  for (const text of texts) {
    const word = words.get(text) ?? { symbols: [...text, ' '], count: 0 };
    words.set(text, { ...word, count: word.count + 1 });
  }
  const symbols = new Set([...words.values()].flatMap((word) => word.symbols));
  const merges: [string, string][] = [];
  while (symbols.size < size) {
    const counts = new Map<string, number>();
    for (const { symbols: parts, count } of words.values()) {
      for (let i = 0; i + 1 < parts.length; i++) {
        const pair = `${parts[i]}|${parts[i + 1]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + count);
      }
    }
    const most = Math.max(0, ...counts.values());
    if (most < 2) break;
    const [left, right] = [...counts].find(([, count]) => count === most)![0].split('|') as [string, string];
    merges.push([left, right]);
    symbols.add(left + right);
    for (const word of words.values()) {
      for (let i = 0; i + 1 < word.symbols.length; i++) {
        if (word.symbols[i] === left && word.symbols[i + 1] === right) word.symbols.splice(i, 2, left + right);
      }
    }
  }
  return merges;
}
