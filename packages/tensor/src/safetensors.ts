/**
 * The safetensors format: u64 length of a JSON header, the header, raw little-endian data. Bytes from outside are
 * checked before anything is allocated.
 */
import type { DType } from './dtype.ts';
import { GradwireError } from './errors.ts';
import { fromStored, isStoredType, STORED_BYTES, type StoredType } from './formats/stored-type.ts';
import { show, sizeOf } from './shape.ts';
import type { Tensor } from './tensor.ts';

const HEADER_BYTES_MAX = 100_000_000; // the limit of the reference implementation
const DTYPE_NAMES: Record<DType, string> = { float32: 'F32', float64: 'F64', int32: 'I32', uint8: 'U8', bool: 'BOOL' };

interface Entry {
  readonly dtype: StoredType;
  readonly shape: number[];
  readonly data_offsets: [number, number];
}

export interface SafetensorsFile {
  readonly tensors: Map<string, Tensor>;
  readonly metadata: Record<string, string>;
}

/**
 * Reads a file's bytes into new tensors, in the order in which their data lies in the file. I64 (values must fit), I16 and I8 become
 * int32, F16 and BF16 become float32.
 * Throws GradwireError ERR_SAFETENSORS for bytes that are no safetensors file.
 */
export function readSafetensors(bytes: Uint8Array): SafetensorsFile {
  // A Buffer's slice would share memory and break the alignment of typed arrays.
  const { header, data } = parseHeader(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const { __metadata__: metadata = {}, ...rest } = header;
  const entries = Object.entries(rest).map(([name, entry]) => [name, checkEntry(name, entry, data.length)] as const);
  entries.sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1]);
  checkCoverage(entries, data.length);
  const tensors = new Map<string, Tensor>();
  for (const [name, entry] of entries) {
    const part = data.slice(...entry.data_offsets); // a copy, aligned for typed arrays
    tensors.set(
      name,
      fromStored(entry.dtype, entry.shape, part, (what) => bad(`"${name}" ${what}`)),
    );
  }
  return { tensors, metadata: checkMetadata(metadata) };
}

/** The bytes of a file that holds these tensors, in this order. */
export function writeSafetensors(
  tensors: Iterable<readonly [string, Tensor]>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const parts: Uint8Array[] = [];
  const header = new Map<string, unknown>(Object.keys(metadata).length > 0 ? [['__metadata__', metadata]] : []);
  let offset = 0;
  for (const [name, tensor] of tensors) {
    const data = tensor.data();
    parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    const end = offset + data.byteLength;
    header.set(name, { dtype: DTYPE_NAMES[tensor.dtype], shape: tensor.shape, data_offsets: [offset, end] });
    offset = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const padded = Math.ceil(json.length / 8) * 8;
  const out = new Uint8Array(8 + padded + offset).fill(0x20, 8 + json.length, 8 + padded);
  new DataView(out.buffer).setBigUint64(0, BigInt(padded), true);
  out.set(json, 8);
  let at = 8 + padded;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function parseHeader(bytes: Uint8Array): { header: Record<string, unknown>; data: Uint8Array } {
  if (bytes.length < 8) throw bad(`${bytes.length} bytes are too few`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(Math.min(HEADER_BYTES_MAX, bytes.length - 8))) {
    throw bad(`its header claims ${length} bytes of a file of ${bytes.length}`);
  }
  const end = 8 + Number(length);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.slice(8, end)));
  } catch (cause) {
    throw new GradwireError('ERR_SAFETENSORS', 'safetensors: the header is no JSON text', { cause });
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) throw bad('the header is no JSON object');
  return { header: header as Record<string, unknown>, data: bytes.subarray(end) };
}

function checkEntry(name: string, entry: unknown, dataBytes: number): Entry {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Partial<Entry>;
  const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
  if (typeof dtype !== 'string' || !isStoredType(dtype)) throw bad(`"${name}" has the type ${JSON.stringify(dtype)}`);
  if (!Array.isArray(shape) || !shape.every(isCount)) throw bad(`"${name}" has the shape ${JSON.stringify(shape)}`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw bad(`"${name}" has the offsets ${JSON.stringify(offsets)}`);
  }
  const [start, end] = offsets;
  if (start > end || end > dataBytes) throw bad(`"${name}" lies at ${start}–${end} of ${dataBytes} bytes`);
  if (end - start !== sizeOf(shape) * STORED_BYTES[dtype]) {
    throw bad(`"${name}" has ${end - start} bytes, which do not make ${show(shape)} ${dtype}`);
  }
  return { dtype, shape, data_offsets: offsets };
}

/** Tensors lie one behind the other and fill the file: no byte is read twice, so a small file stays small in memory. */
function checkCoverage(entries: readonly (readonly [string, Entry])[], dataBytes: number): void {
  let next = 0;
  for (const [name, { data_offsets: offsets }] of entries) {
    if (offsets[0] !== next) throw bad(`"${name}" begins at ${offsets[0]}, but the tensor before it ends at ${next}`);
    next = offsets[1];
  }
  if (next !== dataBytes) throw bad(`its tensors end at ${next} of ${dataBytes} bytes`);
}

function checkMetadata(metadata: unknown): Record<string, string> {
  const isObject = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata);
  if (!isObject || !Object.values(metadata).every((value) => typeof value === 'string')) {
    throw bad('the metadata is no object of texts');
  }
  return metadata as Record<string, string>;
}

function bad(what: string): GradwireError {
  return new GradwireError('ERR_SAFETENSORS', `safetensors: ${what}; the file is damaged or of another kind`);
}
