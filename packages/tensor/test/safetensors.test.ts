import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromTypedArray, tensor, zeros } from '../src/create.ts';
import type { DType, TypedArray } from '../src/dtype.ts';
import { GradwireError } from '../src/errors.ts';
import { memoryUsage } from '../src/heap/allocate.ts';
import { step } from '../src/heap/step.ts';
import '../src/methods.ts';
import { readSafetensors, writeSafetensors } from '../src/safetensors.ts';
import type { Tensor } from '../src/tensor.ts';

/** A file of this header and data, without any check. */
function file(header: unknown, data: ArrayLike<number> = []): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

const bytesOf = (values: TypedArray | BigInt64Array | Uint16Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
const one = (dtype: string, shape: number[], data: Uint8Array): Uint8Array =>
  file({ x: { dtype, shape, data_offsets: [0, data.length] } }, data);
const readOne = (bytes: Uint8Array): Tensor => readSafetensors(bytes).tensors.get('x')!;

const shapes = fc.array(fc.nat({ max: 4 }), { maxLength: 3 });
const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);
const arrays: Record<DType, (size: number) => fc.Arbitrary<TypedArray>> = {
  float32: (size) => fc.float32Array({ minLength: size, maxLength: size }),
  float64: (size) => fc.float64Array({ minLength: size, maxLength: size }),
  int32: (size) => fc.int32Array({ minLength: size, maxLength: size }),
  uint8: (size) => fc.uint8Array({ minLength: size, maxLength: size }),
  bool: (size) => fc.uint8Array({ minLength: size, maxLength: size, max: 1 }),
};
const stored = fc
  .tuple(shapes, fc.constantFrom<DType>('float32', 'float64', 'int32', 'uint8', 'bool'))
  .chain(([shape, dtype]) =>
    fc.record({ shape: fc.constant(shape), dtype: fc.constant(dtype), data: arrays[dtype](sizeOf(shape)) }),
  );
const files = fc.dictionary(fc.string(), stored, { maxKeys: 5 });

describe('safetensors', () => {
  it('reads what it wrote: names, types, shapes, every bit, metadata', () => {
    const property = fc.property(
      files,
      fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
      (content, metadata) => {
        step(() => {
          const entries = Object.entries(content).filter(([name]) => name !== '__metadata__');
          const written = entries.map(
            ([name, { data, shape, dtype }]) => [name, fromTypedArray(data, shape, { dtype })] as const,
          );
          const read = readSafetensors(writeSafetensors(written, metadata));
          expect(Object.entries(read.metadata)).toEqual(Object.entries(metadata));
          expect([...read.tensors.keys()].sort()).toEqual(entries.map(([name]) => name).sort());
          for (const [name, { data, shape, dtype }] of entries) {
            const value = read.tensors.get(name)!;
            expect([value.shape, value.dtype]).toEqual([shape, dtype]);
            expect(Buffer.from(bytesOf(value.data())).equals(bytesOf(data))).toBe(true);
          }
        });
      },
    );
    fc.assert(property);
  });

  it('keeps the order of the tensors, also for names that look like numbers', () => {
    const names = ['10', 'b', '2', 'a'];
    const bytes = writeSafetensors(names.map((name) => [name, zeros([1])]));
    expect([...readSafetensors(bytes).tensors.keys()]).toEqual(names);
  });

  it('writes strided views in row-major order, and begins data at a multiple of 8', () => {
    const bytes = writeSafetensors([
      [
        'x',
        tensor([
          [1, 2],
          [3, 4],
        ]).t(),
      ],
    ]);
    expect(readOne(bytes).toArray()).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
  });

  it('reads a file in a slice of a larger buffer, at any offset', () => {
    const bytes = writeSafetensors([['x', tensor([1, 2, 3])]]);
    const large = Buffer.alloc(bytes.length + 3);
    large.set(bytes, 3);
    expect(readOne(large.subarray(3)).toArray()).toEqual([1, 2, 3]);
  });

  it('reads F16, with denormals, infinities and NaN, as float32', () => {
    const bits = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x03ff, 0x7bff, 0x7c00, 0xfc00, 0x7e00, 0x8000);
    expect(readOne(one('F16', [9], bytesOf(bits))).toArray()).toEqual([
      1,
      -2,
      2 ** -24,
      1023 * 2 ** -24,
      65504,
      Infinity,
      -Infinity,
      NaN,
      -0,
    ]);
  });

  it('reads BF16 as float32', () => {
    const bits = Uint16Array.of(0x3f80, 0xc049, 0x7f80, 0x0001);
    expect(readOne(one('BF16', [2, 2], bytesOf(bits))).toArray()).toEqual([
      [1, -3.140625],
      [Infinity, 2 ** -133],
    ]);
  });

  it('reads I64 as int32, and refuses numbers that do not fit', () => {
    const fits = bytesOf(BigInt64Array.of(-(2n ** 31n), 2n ** 31n - 1n));
    expect(readOne(one('I64', [2], fits)).toArray()).toEqual([-(2 ** 31), 2 ** 31 - 1]);
    expect(() => readOne(one('I64', [1], bytesOf(BigInt64Array.of(2n ** 31n))))).toThrow(
      'safetensors: "x" holds 2147483648, which does not fit 32 bits; the file is damaged or of another kind',
    );
  });
});

describe('bytes that are no safetensors file', () => {
  const entry = (changes: object): object => ({ x: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...changes } });
  const huge = new Uint8Array(16);
  new DataView(huge.buffer).setBigUint64(0, 2n ** 60n, true);

  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(0), /0 bytes are too few/],
    ['a header longer than the file', huge, /its header claims 1152921504606846976 bytes of a file of 16/],
    ['text that is no JSON', file('{"x":'), /the header is no JSON text/],
    ['bytes that are no UTF-8', file('{}').fill(0xff, 8), /the header is no JSON text/],
    ['a list', file([1]), /the header is no JSON object/],
    ['an entry that is null', file({ x: null }), /"x" has the type undefined/],
    ['an unknown type', file(entry({ dtype: 'F4' }), new Uint8Array(8)), /"x" has the type "F4"/],
    ['a type that every object has', file(entry({ dtype: 'constructor' }), new Uint8Array(8)), /"constructor"/],
    ['a negative size', file(entry({ shape: [-2] }), new Uint8Array(8)), /"x" has the shape \[-2\]/],
    [
      'a shape of 2⁶⁰ elements',
      file(entry({ shape: [2 ** 30, 2 ** 30] }), new Uint8Array(8)),
      /8 bytes, which do not make/,
    ],
    ['offsets behind the end', file(entry({ data_offsets: [0, 80] }), new Uint8Array(8)), /lies at 0–80 of 8 bytes/],
    ['offsets backwards', file(entry({ data_offsets: [8, 0] }), new Uint8Array(8)), /lies at 8–0 of 8 bytes/],
    ['bytes that no tensor has', file(entry({}), new Uint8Array(9)), /its tensors end at 8 of 9 bytes/],
    [
      'a hole',
      file(entry({ data_offsets: [8, 16] }), new Uint8Array(16)),
      /begins at 8, but the tensor before it ends at 0/,
    ],
    ['metadata that is no text', file({ __metadata__: { a: 1 } }), /metadata is no object of texts/],
    ['metadata that is null', file({ __metadata__: null }), /metadata is no object of texts/],
  ])('%s: refused with a reason', (_, bytes, reason) => {
    expect(() => readSafetensors(bytes)).toThrow(reason);
    expect(() => readSafetensors(bytes)).toThrow(expect.objectContaining({ code: 'ERR_SAFETENSORS' }) as Error);
  });

  it('many tensors over the same bytes are refused before any is made', () => {
    const data = new Uint8Array(1024);
    const header = Object.fromEntries(
      Array.from({ length: 1000 }, (_, i) => [`x${i}`, { dtype: 'U8', shape: [1024], data_offsets: [0, 1024] }]),
    );
    const before = memoryUsage().longLivedBytes;
    expect(() => readSafetensors(file(header, data))).toThrow(
      /"x1" begins at 0, but the tensor before it ends at 1024/,
    );
    expect(memoryUsage().longLivedBytes).toBe(before);
  });

  /** Reading gives tensors no larger than the file could hold, or an ERR_SAFETENSORS; never anything else. */
  function expectHarmless(bytes: Uint8Array): void {
    step(() => {
      try {
        const total = [...readSafetensors(bytes).tensors.values()].reduce((sum, { size }) => sum + size, 0);
        expect(total).toBeLessThanOrEqual(bytes.length);
      } catch (error) {
        if (!(error instanceof GradwireError) || error.code !== 'ERR_SAFETENSORS') throw error;
      }
    });
  }

  it('noise gives ERR_SAFETENSORS and nothing else', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), expectHarmless));
    const withLength = fc
      .uint8Array({ maxLength: 64 })
      .map((noise) => file(String.fromCharCode(...noise.map((x) => x & 127))));
    fc.assert(fc.property(withLength, expectHarmless));
  });

  it('any JSON as header gives ERR_SAFETENSORS or a file', () => {
    const numbers = fc.oneof(fc.nat({ max: 40 }), fc.double(), fc.integer());
    const entries = fc.record({
      dtype: fc.oneof(fc.constantFrom('F32', 'I64', 'BF16', 'BOOL', 'toString'), fc.jsonValue()),
      shape: fc.oneof(fc.array(numbers, { maxLength: 3 }), fc.jsonValue()),
      data_offsets: fc.oneof(fc.tuple(numbers, numbers), fc.jsonValue()),
    });
    const header = fc.dictionary(fc.oneof(fc.constant('__metadata__'), fc.string()), fc.oneof(entries, fc.jsonValue()));
    const property = fc.property(header, fc.uint8Array({ maxLength: 40 }), (json, data) =>
      expectHarmless(file(json, data)),
    );
    fc.assert(property, { numRuns: 500 });
  });

  it('a valid file with bytes changed, cut off or added gives ERR_SAFETENSORS or a file', () => {
    const valid = writeSafetensors(
      [
        [
          'w',
          tensor([
            [1, 2],
            [3, 4],
          ]),
        ],
        ['b', tensor([1], { dtype: 'int32' })],
      ],
      { a: 'b' },
    );
    const change = fc.tuple(fc.nat({ max: valid.length - 1 }), fc.nat({ max: 255 }));
    const property = fc.property(
      fc.array(change, { maxLength: 4 }),
      fc.integer({ min: -20, max: 20 }),
      (changes, extra) => {
        const bytes = new Uint8Array(valid.length + extra);
        bytes.set(valid.subarray(0, bytes.length));
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        expectHarmless(bytes);
      },
    );
    fc.assert(property, { numRuns: 1000 });
  });
});
