import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { names, splitNames } from '../src/names.ts';

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'gradwire-names-'))));
afterEach(() => rmSync(dir, { recursive: true }));

describe('names', () => {
  it('reads every name once, into train or test', () => {
    const list = ['emma', 'olivia', 'ava', 'zoe'];
    writeFileSync(join(dir, 'names.txt'), `${list.join('\n')}\n`);
    const { train, test } = names(dir);
    expect([...train, ...test].sort()).toEqual([...list].sort());
  });

  it.each<[string, string, RegExp]>([
    ['an empty file', '', /names\.txt:1: there is no name/],
    ['a capital', 'emma\nAva\n', /names\.txt:2: "Ava" is no name of 1 to 64 letters a to z/],
    ['an empty line', 'emma\n\nava\n', /names\.txt:2: ""/],
    ['a very long line', 'a'.repeat(65), /names\.txt:1: /],
  ])('refuses %s', (_, text, message) => {
    writeFileSync(join(dir, 'names.txt'), text);
    expect(() => names(dir)).toThrow(
      expect.objectContaining({ code: 'ERR_DATA_CORRUPT', message: expect.stringMatching(message) }),
    );
  });

  it('says where it looked', () => {
    expect(() => names(dir)).toThrow(/names: neither .* holds names\.txt, plain or \.gz/);
  });
});

describe('splitNames', () => {
  it('gives about a tenth to the test, whatever the order, and never a name to both', () => {
    const letters = [...'abcdefghijklmnopqrstuvwxyz'];
    const list = letters.flatMap((a) => letters.map((b) => `${a}${b}`));
    const { train, test } = splitNames([...list, ...list]);
    expect(test.length / (2 * list.length)).toBeGreaterThan(0.07);
    expect(test.length / (2 * list.length)).toBeLessThan(0.13);
    expect(test.filter((name) => train.includes(name))).toEqual([]);
    expect(splitNames([...list].reverse()).test.reverse()).toEqual(splitNames(list).test);
  });
});

const data = process.env['GRADWIRE_DATA'] ?? join(import.meta.dirname, '../../../../shared/data');

describe.skipIf(!existsSync(join(data, 'names')))('the real names', () => {
  it('are 32,033, of which 29,494 differ', () => {
    const { train, test } = names(data);
    expect(train.length + test.length).toBe(32_033);
    expect(new Set(train).size + new Set(test).size).toBe(29_494);
  });
});
