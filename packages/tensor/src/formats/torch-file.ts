/** Files of torch.save: a zip archive with a pickle of the values, and an entry for the elements of each storage. */
import { GradwireError } from '../errors.ts';
import { contiguousStrides, show, sizeOf } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { fromStored, STORED_BYTES, type StoredType } from './stored-type.ts';
import { Global, unpickle } from './unpickle.ts';
import { ZipReader } from './zip.ts';

/** What a file may hold: dicts are Maps, lists and tuples are arrays, None is null. */
export type TorchValue = Tensor | string | number | boolean | null | TorchValue[] | Map<TorchValue, TorchValue>;

const STORAGES: Readonly<Record<string, StoredType>> = {
  ...{ 'torch.DoubleStorage': 'F64', 'torch.FloatStorage': 'F32', 'torch.HalfStorage': 'F16' },
  ...{ 'torch.BFloat16Storage': 'BF16', 'torch.LongStorage': 'I64', 'torch.IntStorage': 'I32' },
  ...{ 'torch.ShortStorage': 'I16', 'torch.CharStorage': 'I8', 'torch.ByteStorage': 'U8', 'torch.BoolStorage': 'BOOL' },
} as const;
/** Tensors may share elements, but a small file must stay small in memory. */
const GROWTH_MAX = 64;

/** The elements of one or more tensors, as they lie in the file. */
class Storage {
  readonly type: StoredType;
  readonly bytes: Uint8Array;

  constructor(type: StoredType, bytes: Uint8Array) {
    this.type = type;
    this.bytes = bytes;
  }
}

/**
 * Reads what torch.save has written: tensors and parameters on any device, in dicts, lists and tuples, with texts and
 * numbers. Nothing in the file is executed. int64 (values must fit), int16 and int8 become int32; float16 and bfloat16
 * become float32. Throws GradwireError ERR_TORCH_FILE for other objects, by name, and for damaged files.
 */
export function readTorch(bytes: Uint8Array): TorchValue {
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) {
    throw bad('is no zip archive; files of before PyTorch 1.6 must be loaded and saved again by a newer one');
  }
  const zip = new ZipReader(bytes, (what) => bad(`is damaged: ${what}`));
  const pickle = zip.names.find((name) => name === 'data.pkl' || name.endsWith('/data.pkl'));
  if (pickle === undefined) throw bad('is a zip archive without data.pkl');
  const value = unpickle(zip.read(pickle)!, new TorchMeaning(zip, pickle.slice(0, -8), bytes.length), bad);
  checkPlain(value);
  return value;
}

/**
 * The tensors of a state dict that torch.save has written, ready for loadStateDict. `path` leads to it through the
 * dicts around it: readTorchStateDict(bytes, 'model') for a file of {'model': …, 'optimizer': …}.
 */
export function readTorchStateDict(bytes: Uint8Array, ...path: readonly string[]): Map<string, Tensor> {
  let value = readTorch(bytes);
  for (const key of path) {
    const inside = value instanceof Map ? value.get(key) : undefined;
    if (inside === undefined) throw bad(`has no "${key}"; there is ${describe(value)}`);
    value = inside;
  }
  const isState = (v: TorchValue): v is Map<string, Tensor> =>
    v instanceof Map && [...v].every(([key, tensor]) => typeof key === 'string' && tensor instanceof Tensor);
  if (!isState(value)) throw bad(`holds no state dict here, but ${describe(value)}; give the keys that lead to it`);
  return value;
}

/** What the names in a pickle of torch.save stand for. */
class TorchMeaning {
  readonly #zip: ZipReader;
  readonly #folder: string;
  readonly #storages = new Map<string, Storage>();
  #bytesLeft: number;

  constructor(zip: ZipReader, folder: string, fileBytes: number) {
    this.#zip = zip;
    this.#folder = folder;
    this.#bytesLeft = GROWTH_MAX * fileBytes;
  }

  reduce({ name }: Global, args: readonly unknown[]): unknown {
    if (name === 'collections.OrderedDict') return new Map(args[0] === undefined ? [] : pairs(args[0]));
    if (name === 'torch.Size') return args[0] ?? [];
    if (name === 'torch._utils._rebuild_parameter' && args[0] instanceof Tensor) return args[0];
    if (name === 'torch._utils._rebuild_tensor_v2') return this.#tensor(args);
    throw bad(`holds ${name}, which is no tensor, number, text, list or dict; save the state_dict() instead`);
  }

  /** id: ('storage', type, key, device, number of elements). */
  persistent(id: unknown): Storage {
    const [kind, type, key, , count] = Array.isArray(id) ? (id as unknown[]) : [];
    const stored = type instanceof Global && Object.hasOwn(STORAGES, type.name) ? STORAGES[type.name] : undefined;
    if (stored === undefined) {
      throw bad(`has elements of the type ${type instanceof Global ? type.name : String(type)}, which is not read`);
    }
    if (kind !== 'storage' || typeof key !== 'string' || !isCount(count)) throw bad('has a storage that is no storage');
    return this.#storage(key, stored, count);
  }

  #storage(key: string, type: StoredType, count: number): Storage {
    const known = this.#storages.get(key);
    if (known?.type === type) return known;
    const bytes = this.#zip.read(`${this.#folder}data/${key}`);
    if (!bytes || bytes.length < count * STORED_BYTES[type]) {
      throw bad(`has a storage ${key} of ${bytes?.length ?? 0} bytes, which should hold ${count} ${type}`);
    }
    this.#spend(bytes.length);
    const storage = new Storage(type, bytes);
    this.#storages.set(key, storage);
    return storage;
  }

  /** args: storage, offset, size, stride, requires_grad, hooks. */
  #tensor([storage, offset, shape, strides]: readonly unknown[]): Tensor {
    if (!(storage instanceof Storage) || !isCount(offset) || !isCounts(shape) || !isCounts(strides)) {
      throw bad('has a tensor without storage, offset, sizes and strides');
    }
    const width = STORED_BYTES[storage.type];
    const [size, count] = [sizeOf(shape), storage.bytes.length / width];
    const end = offset + (size === 0 ? 0 : 1 + shape.reduce((sum, n, i) => sum + (n - 1) * (strides[i] ?? NaN), 0));
    if (shape.length !== strides.length || !(end <= count) || !(size <= count)) {
      throw bad(`has a tensor ${show(shape)} with strides ${show(strides)} at ${offset} of ${count} elements`);
    }
    this.#spend(size * Math.max(4, width));
    const bytes = gather(storage.bytes, width, offset, shape, strides);
    return fromStored(storage.type, shape, bytes, (what) => bad(`has a tensor that ${what}`));
  }

  #spend(bytes: number): void {
    this.#bytesLeft -= bytes;
    if (this.#bytesLeft < 0) throw bad(`makes more than ${GROWTH_MAX} times its own size of tensors`);
  }
}

/** The elements of a strided tensor, in row-major order. */
function gather(
  from: Uint8Array,
  width: number,
  offset: number,
  shape: readonly number[],
  strides: readonly number[],
): Uint8Array {
  const size = sizeOf(shape);
  const rowMajor = contiguousStrides(shape);
  if (size === 0 || strides.every((stride, d) => stride === rowMajor[d] || shape[d] === 1)) {
    return from.slice(offset * width, (offset + size) * width);
  }
  const to = new Uint8Array(size * width);
  for (let i = 0; i < size; i++) {
    let element = offset;
    for (let d = 0; d < shape.length; d++) element += (Math.floor(i / rowMajor[d]) % shape[d]) * strides[d];
    to.set(from.subarray(element * width, (element + 1) * width), i * width);
  }
  return to;
}

/** Refuses a value with a bare name or storage in it, wherever. */
function checkPlain(root: unknown): asserts root is TorchValue {
  const seen = new Set<unknown>([root]);
  for (const value of seen) {
    if (value instanceof Global) throw bad(`holds ${value.name}, which is no plain value`);
    if (value instanceof Storage) throw bad('holds a storage without a tensor');
    if (Array.isArray(value)) for (const item of value) seen.add(item);
    if (value instanceof Map) for (const [key, item] of value) seen.add(key).add(item);
  }
}

function pairs(list: unknown): [unknown, unknown][] {
  if (!Array.isArray(list) || !list.every((pair) => Array.isArray(pair) && pair.length === 2)) {
    throw bad('has an OrderedDict that is not made of pairs');
  }
  return list as [unknown, unknown][];
}

function describe(value: TorchValue): string {
  if (value instanceof Map)
    return `a dict of ${[...value.keys()]
      .slice(0, 8)
      .map((key) => JSON.stringify(key))
      .join(', ')}`;
  if (value instanceof Tensor) return `a tensor ${show(value.shape)}`;
  return Array.isArray(value) ? `a list of ${value.length}` : String(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isCount);
}

function bad(what: string): GradwireError {
  return new GradwireError('ERR_TORCH_FILE', `torch file: it ${what}`);
}
