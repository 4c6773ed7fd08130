import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromTypedArray, tensor } from '../src/create.ts';
import { GradwireError } from '../src/errors.ts';
import { readNpy, readNpz, writeNpy, writeNpz } from '../src/formats/numpy.ts';
import { step } from '../src/heap/step.ts';
import '../src/methods.ts';

/** Files that NumPy 1.24 has written. */
const fixture = (name: string): Uint8Array => readFileSync(join(import.meta.dirname, 'fixtures', name));

describe('npy and npz', () => {
  it('are read as NumPy has written them, compressed or not', () => {
    const arrays = readNpz(fixture('arrays.npz'));
    expect([...arrays].map(([name, { dtype, shape }]) => [name, dtype, shape])).toEqual([
      ['x', 'float32', [2, 3]],
      ['y', 'int32', [2]],
      ['b', 'bool', [1]],
    ]);
    expect([...arrays.values()].map((array) => array.toArray())).toEqual([[[0, 1, 2], [3, 4, 5]], [1, 2], [1]]); // prettier-ignore
    expect(readNpz(fixture('compressed.npz')).get('x')!.toArray()).toEqual(new Array(100).fill(0));
    expect(readNpy(fixture('half.npy')).toArray()).toEqual([1.5, -2]);
    expect(readNpy(fixture('scalar.npy')).item()).toBe(3);
  });

  it('are written so that NumPy reads them: the same bytes as its own', () => {
    expect(Buffer.from(writeNpy(tensor(3))).equals(fixture('scalar.npy'))).toBe(true);
  });

  it('give back every tensor that was written', () => {
    const shapes = fc.array(fc.nat({ max: 4 }), { maxLength: 3 });
    const property = fc.property(
      shapes,
      fc.constantFrom('float32', 'float64', 'int32', 'uint8', 'bool'),
      (shape, dtype) => {
        step(() => {
          const size = shape.reduce((product, n) => product * n, 1);
          const x = fromTypedArray(
            Float32Array.from({ length: size }, (_, i) => i % 2),
            shape,
          ).to(dtype);
          const read = [readNpy(writeNpy(x)), readNpz(writeNpz([['a/b', x]])).get('a/b')!];
          for (const y of read) expect([y.dtype, y.shape, y.data()]).toEqual([dtype, shape, x.data()]);
        });
      },
    );
    fc.assert(property);
  });

  it.each<[string, string]>([
    ['fortran.npy', 'npy: it is in Fortran order; save numpy.ascontiguousarray(x)'],
    ['big-endian.npy', 'npy: it has elements of the type >f4; <f8, <f4, <f2, <i8, <i4, <i2, |i1, |u1, |b1 are read'],
    ['dtypes.pt', 'npy: it is no array of NumPy'],
  ])('refuse %s', (name, message) => {
    expect(() => readNpy(fixture(name))).toThrow(new GradwireError('ERR_NUMPY', message));
  });

  it('refuse a damaged or cut file by a GradwireError', () => {
    for (const [name, read] of [
      ['arrays.npz', readNpz],
      ['compressed.npz', readNpz],
      ['half.npy', readNpy],
    ] as const) {
      // prettier-ignore
      const bytes = fixture(name);
      const change = fc.record({ at: fc.nat(bytes.length - 1), to: fc.nat(255) });
      const property = fc.property(fc.array(change, { maxLength: 4 }), fc.nat(bytes.length), (changes, length) => {
        const damaged = Uint8Array.from(bytes);
        for (const { at, to } of changes) damaged[at] = to;
        for (const file of [damaged, damaged.subarray(0, length)]) {
          try {
            step(() => void read(file));
          } catch (error) {
            if (!(error instanceof GradwireError)) throw error;
          }
        }
      });
      fc.assert(property, { numRuns: 200 });
    }
  });
});
