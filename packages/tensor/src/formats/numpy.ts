/** The formats .npy and .npz of NumPy (numpy.lib.format): a header in the syntax of Python, then the elements. */
import { GradwireError } from '../errors.ts';
import { show, sizeOf } from '../shape.ts';
import type { DType } from '../dtype.ts';
import type { Tensor } from '../tensor.ts';
import { fromStored, STORED_BYTES, type Refuse, type StoredType } from './stored-type.ts';
import { writeZip, ZipReader } from './zip.ts';

const MAGIC = [0x93, ...Buffer.from('NUMPY')];
const HEADER_BYTES_MAX = 1 << 16;
const ALIGNMENT = 64;
const TYPES: Readonly<Record<string, StoredType>> = {
  ...{ '<f8': 'F64', '<f4': 'F32', '<f2': 'F16', '<i8': 'I64', '<i4': 'I32', '<i2': 'I16' },
  ...{ '|i1': 'I8', '|u1': 'U8', '|b1': 'BOOL' },
} as const;
const NAMES: Readonly<Record<DType, string>> = {
  ...{ float64: '<f8', float32: '<f4', int32: '<i4', uint8: '|u1', bool: '|b1' },
} as const;

/**
 * Reads an array in C order and little endian into a new tensor. int64 (values must fit), int16 and int8 become int32,
 * float16 becomes float32. Throws GradwireError ERR_NUMPY for anything else.
 */
export function readNpy(bytes: Uint8Array): Tensor {
  return readArray(bytes, (what) => bad(`npy: it ${what}`));
}

/** The bytes of a .npy file with this tensor. */
export function writeNpy(tensor: Tensor): Uint8Array {
  const sizes = `${tensor.shape.join(', ')}${tensor.rank === 1 ? ',' : ''}`;
  const text = `{'descr': '${NAMES[tensor.dtype]}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const padded = Math.ceil((10 + text.length + 1) / ALIGNMENT) * ALIGNMENT - 10;
  const { buffer, byteOffset, byteLength } = tensor.data();
  const out = new Uint8Array(10 + padded + byteLength);
  out.set([...MAGIC, 1, 0, padded & 255, padded >>> 8]);
  out.set(Buffer.from(`${text.padEnd(padded - 1)}\n`), 10);
  out.set(new Uint8Array(buffer, byteOffset, byteLength), 10 + padded);
  return out;
}

/** Reads every array of a .npz file, compressed or not, by its name. Throws GradwireError ERR_NUMPY. */
export function readNpz(bytes: Uint8Array): Map<string, Tensor> {
  const zip = new ZipReader(bytes, (what) => bad(`npz: ${what}`));
  const tensors = new Map<string, Tensor>();
  for (const entry of zip.names) {
    const name = entry.replace(/\.npy$/, '');
    tensors.set(
      name,
      readArray(zip.read(entry)!, (what) => bad(`npz: "${name}" ${what}`)),
    );
  }
  return tensors;
}

/** The bytes of a .npz file with these tensors, uncompressed. */
export function writeNpz(tensors: Iterable<readonly [string, Tensor]>): Uint8Array {
  return writeZip(new Map([...tensors].map(([name, tensor]) => [`${name}.npy`, writeNpy(tensor)])));
}

function readArray(bytes: Uint8Array, refuse: Refuse): Tensor {
  if (!MAGIC.every((byte, i) => bytes[i] === byte) || bytes.length < 12) throw refuse('is no array of NumPy');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [major, start] = [bytes[6], bytes[6] === 1 ? 10 : 12];
  if (major < 1 || major > 3) throw refuse(`is of version ${major}; 1 to 3 are known`);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > Math.min(HEADER_BYTES_MAX, bytes.length - start)) throw refuse(`has a header of ${length} bytes`);
  const { type, shape } = parseHeader(Buffer.from(bytes.subarray(start, start + length)).toString('latin1'), refuse);
  const data = bytes.slice(start + length);
  if (data.length !== sizeOf(shape) * STORED_BYTES[type]) {
    throw refuse(`has ${data.length} bytes, which do not make ${show(shape)} ${type}`);
  }
  return fromStored(type, shape, new Uint8Array(data), refuse);
}

function parseHeader(text: string, refuse: Refuse): { type: StoredType; shape: number[] } {
  const descr = /'descr': ?'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order': ?(True|False)/.exec(text)?.[1];
  const sizes = /'shape': ?\(([\d, ]*)\)/.exec(text)?.[1];
  if (order === undefined || sizes === undefined) throw refuse('has a header that cannot be read');
  if (descr === undefined || !Object.hasOwn(TYPES, descr)) {
    throw refuse(`has elements of the type ${descr ?? 'of records'}; ${Object.keys(TYPES).join(', ')} are read`);
  }
  if (order === 'True') throw refuse('is in Fortran order; save numpy.ascontiguousarray(x)');
  const shape = sizes
    .split(',')
    .filter((size) => size.trim() !== '')
    .map(Number);
  if (!shape.every((size) => Number.isSafeInteger(size))) throw refuse(`has the shape (${sizes})`);
  return { type: TYPES[descr], shape };
}

function bad(message: string): GradwireError {
  return new GradwireError('ERR_NUMPY', message);
}
