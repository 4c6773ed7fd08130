import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GradwireError } from '@gradwire/tensor';
import { parseIdx, readIdx } from '../src/idx.ts';
import { idxBytes } from './idx-bytes.ts';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'gradwire-idx-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

function errorOf(read: () => unknown): GradwireError {
  try {
    read();
  } catch (error) {
    if (error instanceof GradwireError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('readIdx', () => {
  const images = idxBytes(0x08, [2, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255]);

  it('reads a plain file', () => {
    const { shape, data } = readIdx(file('plain', images));
    expect(shape).toEqual([2, 2, 3]);
    expect(data).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255));
  });

  it('reads a gzipped file whatever its name', () => {
    expect(readIdx(file('packed-without-ending', gzipSync(images)))).toEqual(readIdx(file('plain.gz', images)));
  });

  it('says that a file is missing and where it looked', () => {
    const path = join(folder, 'nowhere');
    const error = errorOf(() => readIdx(path));
    expect(error.code).toBe('ERR_DATA_MISSING');
    expect(error.message).toBe(`${path}: cannot be read: there is no such file; check the path`);
  });

  it('says that a folder cannot be read as a file', () => {
    expect(errorOf(() => readIdx(folder)).message).toMatch(/cannot be read: EISDIR/);
  });

  it.each([1, 10, 20, 40])('says that a gzip stream is cut short when its last %i bytes are missing', (missing) => {
    const packed = gzipSync(images);
    const path = file('cut.gz', packed.subarray(0, packed.length - missing));
    const error = errorOf(() => readIdx(path));
    expect(error.code).toBe('ERR_DATA_CORRUPT');
    expect(error.message).toMatch(/cut short|fewer than an IDX header|ends within the header/);
    expect(error.message).toContain(path);
  });

  it('says that a gzip stream is damaged', () => {
    const packed = gzipSync(images);
    packed[packed.length - 6]! ^= 1; // in the checksum
    expect(errorOf(() => readIdx(file('damaged.gz', packed))).message).toMatch(
      /gzip stream is damaged \(incorrect data check\)/,
    );
  });

  it('unpacks no more than the header announces', () => {
    const bomb = Buffer.concat([images, Buffer.alloc(1 << 24)]);
    expect(errorOf(() => readIdx(file('bomb.gz', gzipSync(bomb)))).message).toMatch(
      /more bytes than the header announces/,
    );
  });

  it('refuses a file over the limit without reading it', () => {
    const path = file('sparse', new Uint8Array());
    truncateSync(path, 2 ** 31); // a hole: takes no room on the disk
    expect(errorOf(() => readIdx(path))).toMatchObject({ code: 'ERR_DATA_TOO_LARGE' });
  });
});

describe('parseIdx', () => {
  it.each([
    [0x08, Uint8Array.of(0, 7, 255)],
    [0x0c, Int32Array.of(-(2 ** 31), 0, 12345)],
    [0x0d, Float32Array.of(-1.5, 0, 3e38)],
    [0x0e, Float64Array.of(-1.5, Math.PI, 1e300)],
  ])('decodes elements of type 0x%s from big-endian', (type, values) => {
    expect(parseIdx(idxBytes(type, [3], values), 'f').data).toEqual(values);
  });

  const bytesOf = (...bytes: number[]) => Uint8Array.from(bytes);
  it.each([
    ['an empty file', bytesOf(), /holds 0 bytes, fewer than an IDX header/],
    [
      'a wrong magic number',
      bytesOf(0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0),
      /first bytes 0x89504e47 are no IDX magic number/,
    ],
    ['an unknown element type', bytesOf(0, 0, 7, 1, 0, 0, 0, 0), /0x00000701 are no IDX magic number/],
    ['int16 elements', idxBytes(0x0b, [1], []), /elements are int16; uint8, int32, float32 and float64 are supported/],
    ['no dimensions', bytesOf(0, 0, 8, 0), /announces 0 dimensions; 1 to 8 are possible/],
    ['too many dimensions', bytesOf(0, 0, 8, 9), /announces 9 dimensions/],
    ['a header that ends early', bytesOf(0, 0, 8, 3, 0, 0, 0, 1), /ends within the header, after 8 bytes/],
    ['missing elements', idxBytes(8, [4], [1, 2, 3]), /announces 12 bytes but there are 11: the file is cut short/],
    ['left-over elements', idxBytes(8, [2], [1, 2, 3]), /announces 10 bytes but there are 11: bytes are left over/],
  ])('refuses %s', (_, bytes, message) => {
    const error = errorOf(() => parseIdx(bytes, 'images.idx'));
    expect(error.code).toBe('ERR_DATA_CORRUPT');
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^images\.idx: .*; fetch the file again$/);
  });

  it('refuses sizes whose product is over the limit, before allocating', () => {
    const bytes = idxBytes(8, [2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1], []);
    expect(errorOf(() => parseIdx(bytes, 'huge'))).toMatchObject({ code: 'ERR_DATA_TOO_LARGE' });
  });

  it('throws nothing but GradwireError on noise', () => {
    const noise = fc.uint8Array({ maxLength: 64 });
    const almost = fc.tuple(fc.constantFrom(8, 9, 0x0b, 0x0c, 0x0d, 0x0e), fc.nat({ max: 10 }), noise);
    const attempt = (bytes: Uint8Array) => {
      try {
        parseIdx(bytes, 'noise');
      } catch (error) {
        expect(error).toBeInstanceOf(GradwireError);
      }
    };
    fc.assert(fc.property(noise, attempt));
    fc.assert(
      fc.property(almost, ([type, dimensions, rest]) => attempt(Uint8Array.of(0, 0, type, dimensions, ...rest))),
    );
  });
});
