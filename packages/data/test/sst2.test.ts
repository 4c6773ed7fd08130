import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sst2 } from '../src/sst2.ts';

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'gradwire-sst2-'))));
afterEach(() => rmSync(dir, { recursive: true }));

const HEADER = 'sentence\tlabel\n';
const good = {
  'train.tsv': `${HEADER}a fine film \t1\n`,
  'dev.tsv': `${HEADER}dull\t0`,
  'test.tsv': `${HEADER}bad\t0\r\ncafé\t1\r\n`,
};

function write(files: Record<string, string | Uint8Array>, folder = dir): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
}

describe('sst2', () => {
  it('joins train and dev, and reads labels and texts', () => {
    write(good);
    expect(sst2(dir)).toEqual({
      train: { texts: ['a fine film', 'dull'], labels: [1, 0] },
      test: { texts: ['bad', 'café'], labels: [0, 1] },
    });
  });

  it('finds gzipped files in the folder sst2', () => {
    const packed = Object.entries(good).map(([name, text]) => [`${name}.gz`, gzipSync(text)]);
    write(Object.fromEntries(packed) as Record<string, Uint8Array>, join(dir, 'sst2'));
    expect(sst2(dir).test.labels).toEqual([0, 1]);
  });

  it('says which file it misses, and what to do without a folder', () => {
    write(good);
    rmSync(join(dir, 'dev.tsv'));
    const message = `sst2: neither ${dir} nor ${join(dir, 'sst2')} holds dev.tsv, plain or .gz; check the folder`;
    expect(() => sst2(dir)).toThrow(expect.objectContaining({ code: 'ERR_DATA_MISSING', message }));
    expect(() => sst2('')).toThrow(/sst2: no folder given; pass the one with the files or set GRADWIRE_DATA/);
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    ['another header', 'text\tlabel\n', /test\.tsv:1: its header is "text\\tlabel", expected "sentence\\tlabel"/],
    ['an empty file', '', /test\.tsv:1: its header is ""/],
    ['no sentence', HEADER, /test\.tsv:2: no sentence follows/],
    ['a missing label', `${HEADER}good\t1\nbad\n`, /test\.tsv:3: "bad" is no sentence, tab, and label 0 or 1/],
    ['another label', `${HEADER}good\t2\n`, /test\.tsv:2: "good\\t2"/],
    ['a third column', `${HEADER}good\t1\t\n`, /test\.tsv:2: /],
    ['an empty sentence', `${HEADER}good\t1\n \t1\n`, /test\.tsv:3: /],
    ['bytes that are no text', Uint8Array.of(0xff, 0xfe, 0x41), /test\.tsv: it is not UTF-8 text/],
    ['a truncated gzip stream', gzipSync(HEADER).subarray(0, 20), /test\.tsv: the gzip stream is cut short/],
  ])('refuses %s', (_, content, message) => {
    write({ ...good, 'test.tsv': content });
    expect(() => sst2(dir)).toThrow(
      expect.objectContaining({ code: 'ERR_DATA_CORRUPT', message: expect.stringMatching(message) }),
    );
  });

  it('does not unpack a small file that would fill the memory', () => {
    write({ ...good, 'test.tsv': gzipSync(Buffer.alloc(2 ** 28 + 1), { level: 1 }) });
    expect(() => sst2(dir)).toThrow(expect.objectContaining({ code: 'ERR_DATA_TOO_LARGE' }));
  });
});

const data = process.env['GRADWIRE_DATA'] ?? join(import.meta.dirname, '../../../../shared/data');

describe.skipIf(!existsSync(join(data, 'sst2')))('the real SST-2', () => {
  it('has its 67,349 + 872 sentences, with the known number of positive ones', () => {
    const { train, test } = sst2(data);
    const positive = ({ labels }: { labels: readonly number[] }) => labels.filter((label) => label === 1).length;
    expect([train.texts.length, test.texts.length]).toEqual([67_349, 872]);
    expect([positive(train), positive(test)]).toEqual([37_569, 444]);
  });
});
