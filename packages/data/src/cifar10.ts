// CIFAR-10 in its original binary layout: for each image one label byte, then its red, green and blue planes, row-major.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { GradwireError } from '@gradwire/tensor';
import { COLOR_BYTES, colorDataset } from './color-images.ts';
import type { DataSplits, LabeledBatch } from './dataset.ts';
import { corruptFile, isGzip, readWhole, tooLarge, unpackGzip } from './read-file.ts';
import type { TensorDataset } from './tensor-dataset.ts';
import { dataFolder } from './text-lines.ts';

const RECORD_BYTES = 1 + COLOR_BYTES;
/** What each of the original files holds; no file may hold more. */
const IMAGES_MAX = 10_000;
const FILE_BYTES_MAX = IMAGES_MAX * RECORD_BYTES;

/**
 * CIFAR-10 (Krizhevsky 2009) from its binary files, plain or gzipped, in `dir` or in `dir`/cifar10; without `dir`, in the
 * folder that GRADWIRE_DATA names. Those of data_batch_1.bin to data_batch_5.bin that are there are the training set;
 * test_batch.bin is the test set, or test_batch_first1000.bin in its place.
 * A batch has x: [b, 3, 32, 32] float32, normalised by channel, and y: [b] int32: airplane, automobile, bird, cat, deer,
 * dog, frog, horse, ship, truck. Throws GradwireError: ERR_DATA_MISSING, ERR_DATA_CORRUPT, ERR_DATA_TOO_LARGE.
 */
export function cifar10(dir?: string): DataSplits<LabeledBatch> {
  const folder = dataFolder('cifar10', dir);
  const train = [1, 2, 3, 4, 5].flatMap((n) => find(folder, `data_batch_${n}.bin`) ?? []);
  const test = find(folder, 'test_batch.bin') ?? find(folder, 'test_batch_first1000.bin');
  if (train.length === 0) throw missing(folder, 'one of data_batch_1.bin to data_batch_5.bin');
  if (!test) throw missing(folder, 'test_batch.bin or test_batch_first1000.bin');
  return { train: readImages(train), test: readImages([test]) };
}

function find(dir: string, name: string): string | undefined {
  const folders = [dir, join(dir, 'cifar10')];
  return folders.flatMap((folder) => [join(folder, name), join(folder, `${name}.gz`)]).find((path) => existsSync(path));
}

function missing(dir: string, what: string): GradwireError {
  return new GradwireError(
    'ERR_DATA_MISSING',
    `cifar10: neither ${dir} nor ${join(dir, 'cifar10')} holds ${what}, plain or .gz; check the folder`,
  );
}

function readImages(paths: readonly string[]): TensorDataset<LabeledBatch> {
  const files = paths.map(readRecords);
  const count = files.reduce((sum, records) => sum + records.length / RECORD_BYTES, 0);
  const pixels = new Uint8Array(count * COLOR_BYTES);
  const labels = new Uint8Array(count);
  let image = 0;
  for (const records of files) {
    for (let at = 0; at < records.length; at += RECORD_BYTES) {
      labels[image] = records[at]!;
      pixels.set(records.subarray(at + 1, at + RECORD_BYTES), image * COLOR_BYTES);
      image++;
    }
  }
  return colorDataset(pixels, labels);
}

/** The bytes of a file, unpacked and checked. */
function readRecords(path: string): Uint8Array {
  const file = readWhole(path, FILE_BYTES_MAX);
  const bytes = isGzip(file)
    ? unpackGzip(file, path, FILE_BYTES_MAX, () => tooLarge(path, FILE_BYTES_MAX + 1, FILE_BYTES_MAX))
    : file;
  if (bytes.length === 0 || bytes.length % RECORD_BYTES !== 0) {
    throw corruptFile(path, `it holds ${bytes.length} bytes, expected images of ${RECORD_BYTES} bytes each`);
  }
  for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
    if (bytes[at]! > 9) {
      throw corruptFile(path, `the label of image ${at / RECORD_BYTES} is ${bytes[at]}; labels are 0 to 9`);
    }
  }
  return bytes;
}
