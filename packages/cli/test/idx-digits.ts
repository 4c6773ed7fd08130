import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const IMAGES = 'train-images-idx3-ubyte';
export const LABELS = 'train-labels-idx1-ubyte';

/** Encodes an IDX file of uint8. */
export function idxBytes(shape: readonly number[], values: Uint8Array): Uint8Array {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 0x08, shape.length]);
  shape.forEach((size, axis) => header.writeUInt32BE(size, 4 + 4 * axis));
  return Buffer.concat([header, values]);
}

/** Writes a tiny set in the form of MNIST: its four files, with patterns for images. */
export function writeDigits(folder: string, trainLength: number, testLength: number): void {
  mkdirSync(folder, { recursive: true });
  const write = (images: string, labels: string, length: number): void => {
    const pixels = Uint8Array.from({ length: length * 784 }, (_, i) => (i * 31) % 256);
    writeFileSync(join(folder, images), idxBytes([length, 28, 28], pixels));
    const classes = Uint8Array.from({ length }, (_, i) => i % 10);
    writeFileSync(join(folder, labels), idxBytes([length], classes));
  };
  write(IMAGES, LABELS, trainLength);
  write('t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte', testLength);
}
