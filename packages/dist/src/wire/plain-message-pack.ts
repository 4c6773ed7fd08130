import { Packr } from 'msgpackr';
import { ProtocolError } from '../errors.ts';

/** Largest control message, in bytes. */
export const CONTROL_BYTES_MAX = 256 * 1024;
const DEPTH_MAX = 4;
const packr = new Packr({ useRecords: false });

/** Encodes a plain value (maps, arrays, strings, numbers, bytes) as MessagePack. */
export function packPlain(value: object): Uint8Array {
  return packr.pack(value);
}

/**
 * Decodes one MessagePack value of plain data from an untrusted peer. Throws ProtocolError and nothing else.
 * The bytes are walked before the decoder sees them, so that no extension type (dates, errors, records that compile code)
 * and no length that the bytes do not really hold ever reaches it.
 */
export function unpackPlain(bytes: Uint8Array): unknown {
  if (bytes.length > CONTROL_BYTES_MAX) throw bad(`${bytes.length} bytes, limit ${CONTROL_BYTES_MAX}`);
  const end = endOfValue(bytes, 0, DEPTH_MAX);
  if (end !== bytes.length) throw bad(`${bytes.length - end} bytes after its end`);
  try {
    return packr.unpack(bytes);
  } catch (cause) {
    throw new ProtocolError('control message: not MessagePack', { cause });
  }
}

/** Index just behind the value that starts at `at`. */
function endOfValue(bytes: Uint8Array, at: number, depth: number): number {
  if (at >= bytes.length) throw bad('cut short');
  if (depth === 0) throw bad(`nested deeper than ${DEPTH_MAX}`);
  const code = bytes[at]!;
  if (code <= 0x7f || code >= 0xe0) return at + 1; // small integers
  if (code <= 0x8f) return endOfItems(bytes, at + 1, (code & 0x0f) * 2, depth);
  if (code <= 0x9f) return endOfItems(bytes, at + 1, code & 0x0f, depth);
  if (code <= 0xbf) return endOfRun(bytes, at + 1, code & 0x1f);
  switch (code) {
    case 0xc0: // nil
    case 0xc2: // false
    case 0xc3: // true
      return at + 1;
    case 0xc4: // bytes
    case 0xd9: // text
      return endOfRun(bytes, at + 2, bigEndian(bytes, at + 1, 1));
    case 0xc5:
    case 0xda:
      return endOfRun(bytes, at + 3, bigEndian(bytes, at + 1, 2));
    case 0xcc: // unsigned and signed integers, floats
    case 0xd0:
      return endOfRun(bytes, at + 1, 1);
    case 0xcd:
    case 0xd1:
      return endOfRun(bytes, at + 1, 2);
    case 0xca:
    case 0xce:
    case 0xd2:
      return endOfRun(bytes, at + 1, 4);
    case 0xcb:
    case 0xcf:
    case 0xd3:
      return endOfRun(bytes, at + 1, 8);
    case 0xdc: // array
      return endOfItems(bytes, at + 3, bigEndian(bytes, at + 1, 2), depth);
    case 0xde: // map
      return endOfItems(bytes, at + 3, bigEndian(bytes, at + 1, 2) * 2, depth);
    default: // extension types, and 32-bit lengths that no control message needs
      throw bad(`type byte 0x${code.toString(16)} is not allowed`);
  }
}

function endOfItems(bytes: Uint8Array, start: number, count: number, depth: number): number {
  let at = start;
  for (let item = 0; item < count; item++) at = endOfValue(bytes, at, depth - 1);
  return at;
}

function endOfRun(bytes: Uint8Array, start: number, length: number): number {
  if (start + length > bytes.length) throw bad('cut short');
  return start + length;
}

function bigEndian(bytes: Uint8Array, at: number, width: 1 | 2): number {
  if (at + width > bytes.length) throw bad('cut short');
  return width === 1 ? bytes[at]! : (bytes[at]! << 8) | bytes[at + 1]!;
}

const bad = (what: string) => new ProtocolError(`control message: ${what}`);
