import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cifar10 } from '../src/cifar10.ts';

const RECORD = 3073;
let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'gradwire-cifar10-'))));
afterEach(() => rmSync(dir, { recursive: true }));

/** One image for each label: all red values 255, all green 51, all blue 0. */
function records(...labels: number[]): Uint8Array {
  const bytes = new Uint8Array(labels.length * RECORD);
  labels.forEach((label, i) => {
    bytes[i * RECORD] = label;
    bytes.fill(255, i * RECORD + 1, i * RECORD + 1025);
    bytes.fill(51, i * RECORD + 1025, i * RECORD + 2049);
  });
  return bytes;
}

const write = (name: string, bytes: Uint8Array): void => writeFileSync(join(dir, name), bytes);

describe('cifar10', () => {
  it('joins the training files that are there, in order, and normalises each channel by its own numbers', () => {
    write('data_batch_4.bin', records(9));
    write('data_batch_2.bin', records(7, 0));
    write('test_batch.bin', records(3));
    const { train, test } = cifar10(dir);
    const { x, y } = train.batch([0, 1, 2]);
    expect([x.shape, x.dtype, y.dtype]).toEqual([[3, 3, 32, 32], 'float32', 'int32']);
    expect(y.toArray()).toEqual([7, 0, 9]);
    const values = [(1 - 0.4914) / 0.247, (0.2 - 0.4822) / 0.2435, -0.4465 / 0.2616].map(Math.fround);
    expect(x.data()).toEqual(Float32Array.from({ length: 3 * 3072 }, (_, i) => values[Math.floor(i / 1024) % 3]!));
    expect(test.batch([0]).y.item()).toBe(3);
  });

  it('finds gzipped files in the folder cifar10, and takes the whole test set before the first thousand', () => {
    dir = join(dir, 'cifar10');
    mkdirSync(dir);
    write('data_batch_1.bin.gz', gzipSync(records(1)));
    write('test_batch_first1000.bin.gz', gzipSync(records(2)));
    const parent = join(dir, '..');
    expect(cifar10(parent).test.batch([0]).y.item()).toBe(2);
    write('test_batch.bin.gz', gzipSync(records(5, 5)));
    expect(cifar10(parent).test.length).toBe(2);
    dir = parent;
  });

  it('says which files it misses and where it looked', () => {
    expect(() => cifar10(dir)).toThrow(
      expect.objectContaining({
        code: 'ERR_DATA_MISSING',
        message: `cifar10: neither ${dir} nor ${join(dir, 'cifar10')} holds one of data_batch_1.bin to data_batch_5.bin, plain or .gz; check the folder`,
      }),
    );
    write('data_batch_1.bin', records(1));
    expect(() => cifar10(dir)).toThrow('holds test_batch.bin or test_batch_first1000.bin');
  });

  it.each<[string, Uint8Array, string, RegExp]>([
    [
      'a file that is cut short',
      records(1, 2).subarray(0, 4000),
      'ERR_DATA_CORRUPT',
      /holds 4000 bytes, expected images/,
    ],
    ['an empty file', new Uint8Array(0), 'ERR_DATA_CORRUPT', /holds 0 bytes/],
    ['a label over 9', records(1, 10), 'ERR_DATA_CORRUPT', /the label of image 1 is 10; labels are 0 to 9/],
    ['a truncated gzip stream', gzipSync(records(1)).subarray(0, 20), 'ERR_DATA_CORRUPT', /gzip stream is cut short/],
    [
      'a small file that unpacks to more than 10,000 images',
      gzipSync(new Uint8Array(10_001 * RECORD)),
      'ERR_DATA_TOO_LARGE',
      /over the limit of 30730000/,
    ],
  ])('refuses %s', (_, bytes, code, message) => {
    write('data_batch_3.bin', bytes);
    write('test_batch.bin', records(3));
    expect(() => cifar10(dir)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }),
    );
  });
});

const data = process.env['GRADWIRE_DATA'] ?? join(import.meta.dirname, '../../../../shared/data');

describe.skipIf(!existsSync(join(data, 'cifar10')))('the real CIFAR-10', () => {
  it('has the known labels of the first test images', () => {
    const { train, test } = cifar10(data);
    expect(train.length % 10_000).toBe(0);
    expect(test.batch([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]).y.toArray()).toEqual([3, 8, 8, 0, 6, 6, 1, 6, 3, 1]);
  });

  it('has channels of about mean 0 and deviation 1 after normalising', () => {
    const { x } = cifar10(data).train.batch(Int32Array.from({ length: 2000 }, (_, i) => i));
    for (let channel = 0; channel < 3; channel++) {
      const values = x.select(1, channel).contiguous();
      expect(Math.abs(values.mean().item())).toBeLessThan(0.05);
      expect(Math.abs(values.std().item() - 1)).toBeLessThan(0.05);
    }
  });
});
