import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { multi30k } from '../src/multi30k.ts';
import { synthTranslation } from '../src/synth-translation.ts';

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'gradwire-multi30k-'))));
afterEach(() => rmSync(dir, { recursive: true }));

const good = {
  'train.lc.norm.tok.de': 'ein hund .\nzwei männer .\n',
  'train.lc.norm.tok.en': 'a dog .\ntwo men .\n',
  'test_2016_flickr.lc.norm.tok.de': 'ein mann .\n',
  'test_2016_flickr.lc.norm.tok.en': 'a man .\n',
};

function write(files: Record<string, string | Uint8Array>, folder = dir): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
}

describe('multi30k', () => {
  it('reads German with its English translation, or any two of the languages', () => {
    write(good);
    expect(multi30k(dir)).toEqual({
      train: { sources: ['ein hund .', 'zwei männer .'], targets: ['a dog .', 'two men .'] },
      test: { sources: ['ein mann .'], targets: ['a man .'] },
    });
    expect(multi30k(dir, { source: 'en', target: 'de' }).test).toEqual({
      sources: ['a man .'],
      targets: ['ein mann .'],
    });
  });

  it('finds gzipped files in multi30k/tok', () => {
    const packed = Object.entries(good).map(([name, text]) => [`${name}.gz`, gzipSync(text)]);
    write(Object.fromEntries(packed) as Record<string, Uint8Array>, join(dir, 'multi30k', 'tok'));
    expect(multi30k(dir).test.targets).toEqual(['a man .']);
  });

  it('says which file it misses, and what to do without a folder', () => {
    write(good);
    const message = expect.stringMatching(/holds train\.lc\.norm\.tok\.fr, plain or \.gz; check the folder/);
    const missing = expect.objectContaining({ code: 'ERR_DATA_MISSING', message });
    expect(() => multi30k(dir, { source: 'fr' })).toThrow(missing);
    expect(() => multi30k('')).toThrow(/multi30k: no folder given; pass the one with the files or set GRADWIRE_DATA/);
  });

  it.each([
    [
      'a missing translation',
      'a dog .\n',
      /train\.lc\.norm\.tok\.en:2: it has 1 lines, .*train\.lc\.norm\.tok\.de has 2/,
    ],
    ['an empty line', 'a dog .\n \n', /train\.lc\.norm\.tok\.en:2: there is no sentence/],
    ['an empty file', '', /train\.lc\.norm\.tok\.en:1: there is no sentence/],
  ])('refuses %s', (_, content, message) => {
    write({ ...good, 'train.lc.norm.tok.en': content });
    const corrupt = expect.objectContaining({ code: 'ERR_DATA_CORRUPT', message: expect.stringMatching(message) });
    expect(() => multi30k(dir)).toThrow(corrupt);
  });
});

const data = process.env['GRADWIRE_DATA'] ?? join(import.meta.dirname, '../../../../shared/data');

describe.skipIf(!existsSync(join(data, 'multi30k')))('the real Multi30k', () => {
  it('has its 29,000 + 1,000 sentences, with the known number of words', () => {
    const { train, test } = multi30k(data);
    const words = (texts: readonly string[]) => texts.reduce((sum, text) => sum + text.split(' ').length, 0);
    expect([train.sources.length, test.sources.length]).toEqual([29_000, 1_000]);
    expect([words(train.sources), words(train.targets)]).toEqual([360_706, 377_534]);
    expect([words(test.sources), words(test.targets)]).toEqual([12_103, 12_968]);
  });
});

describe('synthTranslation', () => {
  it('makes the same sentences for the same seed, none of the test among those of training', () => {
    const { train, test } = synthTranslation({ seed: 3, sentences: 200 });
    expect(synthTranslation({ seed: 3, sentences: 200 })).toEqual({ train, test });
    expect(synthTranslation({ seed: 4, sentences: 200 }).train).not.toEqual(train);
    expect([train.sources.length, train.targets.length, test.sources.length]).toEqual([200, 200, 20]);
    expect(new Set([...train.sources, ...test.sources]).size).toBe(220);
  });

  it('makes grammatical sentences, with the verb in second place', () => {
    const { sources, targets } = synthTranslation({ sentences: 500 }).train;
    const pairs = sources.map((source, i) => `${source} = ${targets[i]}`);
    for (const pair of pairs) {
      expect(pair).toMatch(/^[a-zäöüß ,]+ \. = [a-z ,]+ \.$/);
      expect(pair).not.toMatch(/\b(die|das) (\w+ )?hund|\bder (\w+ )?(katze|frau|lehrerin)/);
    }
    expect(
      pairs.some((pair) => /^im garten (sieht|sucht|findet|ruft|malt) d\w+ .* = in the garden , the/.test(pair)),
    ).toBe(true);
    expect(pairs.some((pair) => /(sieht|sucht|findet|ruft|malt) den \w+en hund/.test(pair))).toBe(true);
  });

  it.each([9, 10.5, 100_001])('refuses %d sentences', (sentences) => {
    expect(() => synthTranslation({ sentences })).toThrow(expect.objectContaining({ code: 'ERR_DATA_OPTION' }));
  });
});
