import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { empty, step } from '@gradwire/tensor';
import { CharVocabulary } from '../src/char-vocabulary.ts';
import { datasetFromHandle } from '../src/dataset.ts';
import { synthText } from '../src/synth-text.ts';
import { tinyShakespeare } from '../src/tiny-shakespeare.ts';
import { TokenWindows } from '../src/token-windows.ts';

describe('CharVocabulary', () => {
  it('gives every text back from its numbers', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const vocabulary = CharVocabulary.ofText(text);
        const ids = vocabulary.encode(text);
        expect(vocabulary.decode(ids)).toBe(text);
        expect(Math.max(-1, ...ids)).toBeLessThan(vocabulary.size);
      }),
    );
  });

  it('orders the characters of a text by their code points', () => {
    expect(CharVocabulary.ofText('ba😀b').characters).toEqual(['a', 'b', '😀']);
    expect([...CharVocabulary.ofText('ba😀b').encode('😀b')]).toEqual([2, 1]);
  });

  it('names a character, or a number, that it does not have', () => {
    const ascii = CharVocabulary.ascii();
    expect(ascii.size).toBe(96);
    expect(() => ascii.encode('a é')).toThrow('character 2 of the text, "é" (U+00E9), is not one of its 96');
    expect(() => ascii.decode([96])).toThrow('96 is not one of 0 to 95');
  });
});

describe('TokenWindows', () => {
  const stream = (length: number): Int32Array => Int32Array.from({ length }, (_, i) => i);

  it('holds every window whose targets lie in the stream, and no more', () => {
    const sizes = fc.tuple(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 60 }),
    );
    fc.assert(
      fc.property(sizes, ([contextLength, stride, more]) => {
        using windows = new TokenWindows(stream(contextLength + more), contextLength, { stride });
        const last = windows.length - 1;
        step(() => {
          const { x, y } = windows.batch([0, last]);
          expect(x.toArray()).toEqual([0, last * stride].map((at) => [...stream(contextLength)].map((i) => at + i)));
          expect(y.sub(x).toArray()).toEqual([0, last].map(() => new Array(contextLength).fill(1)));
        });
        expect((last + 1) * stride + contextLength + 1).toBeGreaterThan(contextLength + more);
      }),
    );
  });

  it('learns every token once in an epoch unless told otherwise', () => {
    using windows = new TokenWindows(stream(13), 4);
    expect(windows.length).toBe(3);
    expect(step(() => windows.batch([2]).y.toArray())).toEqual([[9, 10, 11, 12]]);
  });

  it('goes to another thread as a handle to the same memory', () => {
    const tokens = empty([9], { dtype: 'int32' });
    tokens.view().set(stream(9));
    using windows = new TokenWindows(tokens, 3, { stride: 2 });
    const other = datasetFromHandle(structuredClone(windows.handle()));
    tokens.view()[4] = 77;
    expect(other.length).toBe(3);
    expect(step(() => other.batch([1])['x']!.toArray())).toEqual([[2, 3, 77]]);
  });

  it('says what is wrong with a stream, a size or an index', () => {
    expect(() => new TokenWindows(stream(4), 4)).toThrow('tokens [4] must be [n] with n > contextLength 4');
    expect(() => new TokenWindows(stream(9), 4, { stride: 0 })).toThrow('stride must be a whole number above 0, got 0');
    expect(() => new TokenWindows(empty([9]), 4)).toThrow('tokens must be int32, got float32');
    using windows = new TokenWindows(stream(9), 4);
    expect(() => windows.batch([2])).toThrow('index 2 is not one of its 2 samples');
  });
});

describe('texts', () => {
  const dir = mkdtempSync(join(tmpdir(), 'gradwire-text-'));
  afterAll(() => rmSync(dir, { recursive: true }));

  it('reads the first nine tenths of input.txt to learn from, and the rest to measure with', () => {
    expect(() => tinyShakespeare(dir)).toThrow(/neither .*input.txt nor .*tinyshakespeare.*input.txt exists/);
    mkdirSync(join(dir, 'tinyshakespeare'));
    writeFileSync(join(dir, 'tinyshakespeare', 'input.txt'), '0123456789'.repeat(2));
    expect(tinyShakespeare(dir)).toEqual({ train: '012345678901234567', test: '89' });
    writeFileSync(join(dir, 'input.txt'), 'nearer than the folder');
    expect(tinyShakespeare(dir).train).toBe('nearer than the fol');
  });

  it('writes the same sentences for the same seed, complete and in ASCII', () => {
    const { train, test } = synthText({ seed: 3, sentences: 50 });
    expect(synthText({ seed: 3, sentences: 50 })).toEqual({ train, test });
    expect(synthText({ seed: 4, sentences: 50 }).train).not.toBe(train);
    const lines = `${train}${test}`.split('\n');
    expect(lines.pop()).toBe('');
    expect(lines).toHaveLength(50);
    for (const line of lines) expect(line).toMatch(/^[A-Z][a-z,? ]+(\? [A-Z][a-z, ]+)?\.$/);
    expect(CharVocabulary.ascii().encode(train)).toHaveLength(train.length);
  });
});
