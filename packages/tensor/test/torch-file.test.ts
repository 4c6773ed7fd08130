import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GradwireError } from '../src/errors.ts';
import { readTorch, readTorchStateDict, type TorchValue } from '../src/formats/torch-file.ts';
import { writeZip } from '../src/formats/zip.ts';
import { step } from '../src/heap/step.ts';
import '../src/methods.ts';
import { Tensor } from '../src/tensor.ts';

/** Files that PyTorch 1.13 has written. */
const fixture = (name: string): Uint8Array => readFileSync(join(import.meta.dirname, 'fixtures', name));

/** A file of torch.save whose pickle is these bytes. */
const fileOf = (pickle: Uint8Array | readonly number[]): Uint8Array =>
  writeZip(
    new Map([
      ['archive/data.pkl', Uint8Array.from(pickle)],
      ['archive/data/0', new Uint8Array(16)],
    ]),
  );
const pickleOf = (...parts: (string | number)[]): number[] =>
  parts.flatMap((part) => (typeof part === 'number' ? [part] : [...Buffer.from(part, 'latin1')]));

/** Tensors as their type and values, Maps as entries. */
function plain(value: TorchValue): unknown {
  if (value instanceof Tensor) return { [value.dtype]: value.toArray() };
  if (value instanceof Map) return [...value].map(([key, item]) => [key, plain(item)]);
  return Array.isArray(value) ? value.map(plain) : value;
}

describe('a file of torch.save', () => {
  it('gives tensors of every type, views with their offsets and strides', () => {
    const base = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]; // prettier-ignore
    expect(plain(readTorch(fixture('dtypes.pt')))).toEqual([
      ['base', { float32: base }],
      ['transposed', { float32: [0, 1, 2, 3].map((i) => base.map((row) => row[i])) }],
      ['row', { float32: base[1] }],
      ['every', { float32: base.map((row) => [row[0], row[2]]) }],
      ['f64', { float64: [0.1] }],
      ['f16', { float32: [1.5, -0.25, 65504] }],
      ['bf16', { float32: [1.5, -3.140625] }],
      ['i64', { int32: [[1, -(2 ** 31)]] }],
      ['i32', { int32: 7 }],
      ['i16', { int32: [-300] }],
      ['i8', { int32: [-3] }],
      ['u8', { uint8: [255] }],
      ['b', { bool: [1, 0] }],
      ['empty', { float32: [] }],
      ['parameter', { float32: [2.5] }],
    ]);
  });

  it('gives nested dicts, lists, tuples, texts and numbers', () => {
    const file = readTorch(fixture('checkpoint.pt')) as Map<string, TorchValue>;
    expect([...file.keys()]).toEqual(['model', 'optimizer', 'epoch', 'best', 'note', 'flags']);
    expect(['epoch', 'best', 'note', 'flags'].map((key) => file.get(key))).toEqual([
      ...[3, 0.5, 'héllo', [true, null, [1, -2, 3_000_000_000]]],
    ]);
    const optimizer = file.get('optimizer') as Map<string, Map<TorchValue, TorchValue>>;
    expect([...optimizer.get('state')!.keys()]).toEqual([0, 1, 2, 3]);
  });

  it('leads to a state dict by its keys', () => {
    const state = readTorchStateDict(fixture('checkpoint.pt'), 'model');
    expect([...state].map(([key, { shape }]) => `${key} [${shape.join()}]`)).toEqual([
      ...['0.weight [2,3]', '0.bias [2]', '1.weight [2]', '1.bias [2]'],
      ...['1.running_mean [2]', '1.running_var [2]', '1.num_batches_tracked []'],
    ]);
    expect(() => readTorchStateDict(fixture('checkpoint.pt'))).toThrow(
      'it holds no state dict here, but a dict of "model"',
    );
    expect(() => readTorchStateDict(fixture('checkpoint.pt'), 'net')).toThrow(
      'has no "net"; there is a dict of "model"',
    );
  });
});

describe('what is refused', () => {
  const refused = (bytes: Uint8Array): string => {
    try {
      readTorch(bytes);
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_TORCH_FILE' });
      return (error as Error).message;
    }
    throw new Error('nothing was refused');
  };

  it.each<[string, Uint8Array, string]>([
    ['a whole module', fixture('whole-module.pt'), 'holds torch.nn.modules'],
    [
      'the format of before PyTorch 1.6',
      fixture('legacy.pt'),
      'files of before PyTorch 1.6 must be loaded and saved again',
    ],
    ['a call of a function', fileOf(pickleOf('cos\nsystem\n', 'X', 2, 0, 0, 0, 'ls', 0x85, 'R.')), 'holds os.system'],
    ['a name alone', fileOf(pickleOf('cbuiltins\neval\n.')), 'holds builtins.eval, which is no plain value'],
    ['a name inside a list', fileOf(pickleOf(']cbuiltins\neval\na.')), 'holds builtins.eval'],
    ['an instruction that makes objects', fileOf(pickleOf('(ios\nsystem\n.')), 'has the pickle instruction 0x69'],
    ['a pickle without an end', fileOf(pickleOf('K', 1)), 'has a pickle that is cut off'],
    ['a text longer than the file', fileOf(pickleOf('X', 255, 255, 255, 255, '.')), 'is cut off'],
    ['an empty stack', fileOf(pickleOf('.')), 'takes what it has not put'],
    ['another zip archive', writeZip(new Map([['a.txt', new Uint8Array(3)]])), 'is a zip archive without data.pkl'],
    ['bytes', new Uint8Array(100), 'is no zip archive'],
  ])('%s', (_, bytes, message) => {
    expect(refused(bytes)).toContain(message);
  });

  /** The pickle of one tensor over the storage "0" of four floats. */
  const tensor = (size: number[], stride: number[], offset = 0): Uint8Array => {
    const int = (n: number): number[] => pickleOf('J', n & 255, (n >> 8) & 255, (n >> 16) & 255, (n >> 24) & 255);
    const tuple = (ints: number[]): number[] => [...pickleOf('('), ...ints.flatMap(int), ...pickleOf('t')];
    return fileOf([
      ...pickleOf('ctorch._utils\n_rebuild_tensor_v2\n((', 'X', 7, 0, 0, 0, 'storage', 'ctorch\nFloatStorage\n'),
      ...pickleOf('X', 1, 0, 0, 0, '0', 'X', 3, 0, 0, 0, 'cpu', 'K', 4, 'tQ'),
      ...[...int(offset), ...tuple(size), ...tuple(stride), ...pickleOf(0x89, 'NtR.')],
    ]);
  };

  it('a tensor that reaches over its storage, or stretches it', () => {
    expect(plain(readTorch(tensor([2, 2], [1, 2])))).toEqual({ float32: [[0, 0], [0, 0]] }); // prettier-ignore
    expect(refused(tensor([5], [1]))).toContain('has a tensor [5] with strides [1] at 0 of 4 elements');
    expect(refused(tensor([4], [1], 1))).toContain('at 1 of 4 elements');
    expect(refused(tensor([2], [-1], 2))).toContain('without storage, offset, sizes and strides');
    expect(refused(tensor([1_000_000_000], [0]))).toContain('strides [0]');
    expect(refused(tensor([2, 2], [1]))).toContain('strides [1]');
  });

  it('every file with some bytes changed or cut off, unless it still makes sense, by a GradwireError', () => {
    for (const name of ['checkpoint.pt', 'dtypes.pt', 'legacy.pt', 'whole-module.pt']) {
      const bytes = fixture(name);
      const change = fc.record({ at: fc.nat(bytes.length - 1), to: fc.nat(255) });
      const property = fc.property(fc.array(change, { maxLength: 4 }), fc.nat(bytes.length), (changes, length) => {
        const damaged = Uint8Array.from(bytes);
        for (const { at, to } of changes) damaged[at] = to;
        onlyOurErrors(() => step(() => void readTorch(damaged)));
        onlyOurErrors(() => step(() => void readTorch(damaged.subarray(0, length))));
      });
      fc.assert(property, { numRuns: 150 });
    }
  });

  it('any pickle, by a GradwireError', () => {
    const opcodes = fc.oneof(fc.constantFrom(...Buffer.from('.NKJMGX}]()tasuqrhjcRbQ\x80\x85\x86\x87\x88\x89\x8a\x8c\x93\x94\x95', 'latin1')), fc.nat(255)); // prettier-ignore
    const property = fc.property(fc.array(opcodes, { maxLength: 40 }), (pickle) => {
      onlyOurErrors(() => step(() => void readTorch(fileOf(pickle))));
    });
    fc.assert(property, { numRuns: 2000 });
  });
});

function onlyOurErrors(fn: () => void): void {
  try {
    fn();
  } catch (error) {
    if (!(error instanceof GradwireError)) throw error;
  }
}
