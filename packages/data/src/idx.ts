// The IDX format of LeCun's MNIST page: two zero bytes, an element type, the number of dimensions, each size as a
// big-endian uint32, then the elements, big-endian, in row-major order. Every field of the header is checked against
// the length of the file before anything of the size it announces is allocated.
import { constants as zlib, gunzipSync } from 'node:zlib';
import {
  corruptFile as corrupt,
  damagedGzip,
  FILE_BYTES_MAX,
  isGzip,
  readWhole,
  tooLarge,
  unpackGzip,
} from './read-file.ts';

export type IdxData = Uint8Array | Int32Array | Float32Array | Float64Array;

/** The contents of an IDX file: `data` holds the elements in row-major order. */
export interface Idx {
  readonly shape: readonly number[];
  readonly data: IdxData;
}

interface ElementType {
  readonly name: string;
  readonly bytes: number;
  /** Absent where no tensor dtype holds such elements. */
  readonly decode?: (view: DataView, count: number) => IdxData;
}

interface Header {
  readonly type: Required<ElementType>;
  readonly shape: readonly number[];
  readonly count: number;
  readonly headerBytes: number;
  readonly fileBytes: number;
}

const DIMENSIONS_MAX = 8;
/** More than a gzip header, a Huffman table and an IDX header need. */
const GZIP_PREFIX_BYTES = 4096;

const ELEMENT_TYPES: Readonly<Record<number, ElementType>> = {
  0x08: { name: 'uint8', bytes: 1, decode: (view, n) => new Uint8Array(view.buffer, view.byteOffset, n) },
  0x09: { name: 'int8', bytes: 1 },
  0x0b: { name: 'int16', bytes: 2 },
  0x0c: { name: 'int32', bytes: 4, decode: (view, n) => new Int32Array(n).map((_, i) => view.getInt32(4 * i)) },
  0x0d: { name: 'float32', bytes: 4, decode: (view, n) => new Float32Array(n).map((_, i) => view.getFloat32(4 * i)) },
  0x0e: { name: 'float64', bytes: 8, decode: (view, n) => new Float64Array(n).map((_, i) => view.getFloat64(8 * i)) },
};

/**
 * Reads an IDX file, plain or gzipped (told by its content, not by its name), of at most 2 GiB.
 * Throws GradwireError: ERR_DATA_MISSING if there is no such file, ERR_DATA_TOO_LARGE, ERR_DATA_CORRUPT.
 */
export function readIdx(path: string): Idx {
  const bytes = readWhole(path);
  return parseIdx(isGzip(bytes) ? unpack(bytes, path) : bytes, path);
}

/** Parses the bytes of an IDX file; uint8 data is a view of `bytes`. `path` is named in errors, which are as in readIdx. */
export function parseIdx(bytes: Uint8Array, path: string): Idx {
  const { type, shape, count, headerBytes, fileBytes } = parseHeader(bytes, path);
  if (bytes.length !== fileBytes) {
    const ends = bytes.length < fileBytes ? 'the file is cut short' : 'bytes are left over';
    throw corrupt(path, `its header announces ${fileBytes} bytes but there are ${bytes.length}: ${ends}`);
  }
  return { shape, data: type.decode(new DataView(bytes.buffer, bytes.byteOffset + headerBytes), count) };
}

/** Unpacks only as much as the header announces, so that a small file cannot fill the memory. */
function unpack(bytes: Uint8Array, path: string): Uint8Array {
  const { fileBytes } = parseHeader(unpackStart(bytes, path), path);
  return unpackGzip(bytes, path, fileBytes, (cause) =>
    corrupt(path, 'the gzip stream holds more bytes than the header announces', cause),
  );
}

function unpackStart(bytes: Uint8Array, path: string): Uint8Array {
  try {
    return gunzipSync(bytes.subarray(0, GZIP_PREFIX_BYTES), { finishFlush: zlib.Z_SYNC_FLUSH });
  } catch (cause) {
    throw damagedGzip(path, cause);
  }
}

function parseHeader(bytes: Uint8Array, path: string): Header {
  if (bytes.length < 4) throw corrupt(path, `it holds ${bytes.length} bytes, fewer than an IDX header`);
  const [zero0, zero1, typeCode, dimensions] = bytes;
  const type = ELEMENT_TYPES[typeCode!];
  if (zero0 !== 0 || zero1 !== 0 || !type) {
    const magic = Buffer.from(bytes.subarray(0, 4)).toString('hex');
    throw corrupt(path, `its first bytes 0x${magic} are no IDX magic number, such as 0x00000803 of MNIST images`);
  }
  if (!type.decode)
    throw corrupt(path, `its elements are ${type.name}; uint8, int32, float32 and float64 are supported`);
  if (!dimensions || dimensions > DIMENSIONS_MAX) {
    throw corrupt(path, `its header announces ${dimensions} dimensions; 1 to ${DIMENSIONS_MAX} are possible`);
  }
  const headerBytes = 4 + 4 * dimensions;
  if (bytes.length < headerBytes) throw corrupt(path, `it ends within the header, after ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const shape = Array.from({ length: dimensions }, (_, axis) => view.getUint32(4 + 4 * axis));
  const count = shape.reduce((product, size) => product * size, 1);
  const fileBytes = headerBytes + count * type.bytes;
  if (fileBytes > FILE_BYTES_MAX) throw tooLarge(path, fileBytes);
  return { type: type as Required<ElementType>, shape, count, headerBytes, fileBytes };
}
