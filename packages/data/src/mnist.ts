import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { GradwireError } from '@gradwire/tensor';
import type { DataSplits, LabeledBatch } from './dataset.ts';
import { digitDataset } from './digit-dataset.ts';
import { DIGIT_SIDE } from './draw-digit.ts';
import { readIdx } from './idx.ts';
import type { TensorDataset } from './tensor-dataset.ts';

/**
 * MNIST (LeCun, Cortes & Burges), or a set in its form such as Fashion-MNIST, from the four IDX files in `dir` or in
 * `dir`/mnist; without `dir`, in the folder that GRADWIRE_DATA names. Files may be gzipped, and named with a dash or a
 * dot (`train-images-idx3-ubyte`, `train-images.idx3-ubyte`).
 * A batch has x: [b, 1, 28, 28] float32, (pixel / 255 − 0.1307) / 0.3081, and y: [b] int32.
 * Throws GradwireError: ERR_DATA_MISSING, ERR_DATA_CORRUPT, ERR_DATA_TOO_LARGE.
 */
export function mnist(dir: string | undefined = process.env['GRADWIRE_DATA']): DataSplits<LabeledBatch> {
  if (!dir) {
    throw new GradwireError(
      'ERR_DATA_MISSING',
      'mnist: no folder given; pass the one with the MNIST files, set GRADWIRE_DATA, or use synthDigits()',
    );
  }
  return { train: readSplit(dir, 'train'), test: readSplit(dir, 't10k') };
}

function readSplit(dir: string, split: 'train' | 't10k'): TensorDataset<LabeledBatch> {
  const imagesPath = find(dir, `${split}-images`, 'idx3-ubyte');
  const labelsPath = find(dir, `${split}-labels`, 'idx1-ubyte');
  const [count, pixels] = readBytes(imagesPath, 'images of shape [count, 28, 28]', [DIGIT_SIDE, DIGIT_SIDE]);
  const [labelCount, labels] = readBytes(labelsPath, 'labels of shape [count]', []);
  if (count !== labelCount) {
    throw corrupt(imagesPath, `it holds ${count} images but ${labelsPath} holds ${labelCount} labels`);
  }
  const wrong = labels.findIndex((label) => label > 9);
  if (wrong >= 0) throw corrupt(labelsPath, `label ${wrong} is ${labels[wrong]}; labels are 0 to 9`);
  return digitDataset(pixels, labels);
}

function find(dir: string, stem: string, ending: string): string {
  for (const folder of [dir, join(dir, 'mnist')]) {
    for (const name of [`${stem}-${ending}`, `${stem}.${ending}`]) {
      for (const path of [join(folder, name), join(folder, `${name}.gz`)]) {
        if (existsSync(path)) return path;
      }
    }
  }
  throw new GradwireError(
    'ERR_DATA_MISSING',
    `mnist: neither ${dir} nor ${join(dir, 'mnist')} holds ${stem}-${ending}, plain or .gz; check the folder or fetch the files with downloadMnist()`,
  );
}

function readBytes(path: string, expected: string, rowShape: readonly number[]): [count: number, data: Uint8Array] {
  const { shape, data } = readIdx(path);
  const [count = 0, ...rest] = shape;
  if (!(data instanceof Uint8Array) || String(rest) !== String(rowShape)) {
    throw corrupt(path, `it holds an array of shape [${shape.join(', ')}], expected uint8 ${expected}`);
  }
  return [count, data];
}

function corrupt(path: string, what: string): GradwireError {
  return new GradwireError('ERR_DATA_CORRUPT', `${path}: ${what}; fetch the four files again from one source`);
}
