import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataLoader } from '../src/data-loader.ts';
import type { Dataset, LabeledBatch } from '../src/dataset.ts';
import { mnist } from '../src/mnist.ts';
import { idxBytes } from './idx-bytes.ts';

const ROW = 28 * 28;
let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'gradwire-mnist-'))));
afterEach(() => rmSync(dir, { recursive: true }));

interface Files {
  [name: string]: Uint8Array;
}

const images = (count: number, value: number) => idxBytes(8, [count, 28, 28], new Uint8Array(count * ROW).fill(value));
const labels = (...values: number[]) => idxBytes(8, [values.length], values);
const good = (): Files => ({
  'train-images-idx3-ubyte': images(3, 255),
  'train-labels-idx1-ubyte': labels(4, 0, 9),
  't10k-images-idx3-ubyte': images(2, 0),
  't10k-labels-idx1-ubyte': labels(1, 2),
});

function write(files: Files, folder = dir): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
}

describe('mnist', () => {
  it('reads both sets and normalises images when a batch is made', () => {
    write(good());
    const { train, test } = mnist(dir);
    expect([train.length, test.length]).toEqual([3, 2]);
    const { x, y } = train.batch([2, 0]);
    expect([x.shape, x.dtype, y.dtype]).toEqual([[2, 1, 28, 28], 'float32', 'int32']);
    expect(y.toArray()).toEqual([9, 4]);
    expect(new Set(x.data())).toEqual(new Set([Math.fround((1 - 0.1307) / 0.3081)]));
    expect(test.batch([0]).x.data()[0]).toBe(Math.fround(-0.1307 / 0.3081));
  });

  it('finds gzipped files, names with a dot, and the folder mnist', () => {
    const renamed = Object.entries(good()).map(([name, bytes]) => [
      `${name.replace('-idx', '.idx')}.gz`,
      gzipSync(bytes),
    ]);
    write(Object.fromEntries(renamed) as Files, join(dir, 'mnist'));
    expect(mnist(dir).train.length).toBe(3);
  });

  it('says which file it misses and where it looked', () => {
    write(good());
    rmSync(join(dir, 't10k-labels-idx1-ubyte'));
    expect(() => mnist(dir)).toThrow(
      expect.objectContaining({
        code: 'ERR_DATA_MISSING',
        message: `mnist: neither ${dir} nor ${join(dir, 'mnist')} holds t10k-labels-idx1-ubyte, plain or .gz; check the folder or fetch the files with downloadMnist()`,
      }),
    );
  });

  it('says what to do without a folder', () => {
    expect(() => mnist('')).toThrow(
      /mnist: no folder given; pass the one with the MNIST files, set GRADWIRE_DATA, or use synthDigits/,
    );
  });

  it.each<[string, string, Uint8Array, RegExp]>([
    [
      'fewer labels than images',
      'train-labels-idx1-ubyte',
      labels(1, 2),
      /train-images-idx3-ubyte: it holds 3 images but .*train-labels-idx1-ubyte holds 2 labels/,
    ],
    [
      'labels in place of images',
      'train-images-idx3-ubyte',
      labels(1, 2, 3),
      /holds an array of shape \[3\], expected uint8 images of shape \[count, 28, 28\]/,
    ],
    [
      'images in place of labels',
      't10k-labels-idx1-ubyte',
      images(2, 0),
      /holds an array of shape \[2, 28, 28\], expected uint8 labels of shape \[count\]/,
    ],
    [
      'images of another size',
      'train-images-idx3-ubyte',
      idxBytes(8, [3, 2, 2], new Uint8Array(12)),
      /shape \[3, 2, 2\]/,
    ],
    ['elements of another type', 't10k-labels-idx1-ubyte', idxBytes(0x0d, [2], [1, 2]), /expected uint8 labels/],
    ['a label over 9', 't10k-labels-idx1-ubyte', labels(1, 10), /label 1 is 10; labels are 0 to 9/],
    [
      'a truncated gzip stream',
      't10k-labels-idx1-ubyte',
      gzipSync(labels(1, 2)).subarray(0, 20),
      /t10k-labels-idx1-ubyte: /,
    ],
  ])('refuses %s', (_, name, bytes, message) => {
    write({ ...good(), [name]: bytes });
    expect(() => mnist(dir)).toThrow(
      expect.objectContaining({ code: 'ERR_DATA_CORRUPT', message: expect.stringMatching(message) }),
    );
  });
});

const data = process.env['GRADWIRE_DATA'] ?? join(import.meta.dirname, '../../../../shared/data');

describe.skipIf(!existsSync(join(data, 'mnist')))('the real MNIST', () => {
  it('has its 60,000 + 10,000 samples, with the known number of each digit', () => {
    const { train, test } = mnist(data);
    expect(labelCounts(train)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect(labelCounts(test)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
  });
});

function labelCounts(dataset: Dataset<LabeledBatch>): number[] {
  const counts = new Array<number>(10).fill(0);
  for (const { y } of new DataLoader(dataset, { batchSize: 1000 })) {
    for (const label of y.data()) counts[label]++;
  }
  return counts;
}
