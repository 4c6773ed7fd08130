import { ProtocolError } from '../errors.ts';

// A tensor frame is a header of 48 bytes, little-endian, and a raw payload. A message of any size travels as frames
// ("segments") of at most SEGMENT_BYTES_MAX each, in order and with no other message between them on its link.
//
//   0 magic u32   4 version u16   6 op u8   7 dtype u8   8 generation u32   12 sequence u32   16 step u32   20 bucket u32
//  24 round u32  28 segment u32  32 length u32 (of this payload)  36 total u32 (of the message)  40 fingerprint u32  44 zero u32

export const FRAME_HEADER_BYTES = 48;
/** Largest payload of one frame, in bytes. */
export const SEGMENT_BYTES_MAX = 512 * 1024;
const MAGIC = 0x54525747; // "GWRT" as it lies in memory
const VERSION = 1;

/** What a message is part of, in the order of its code on the wire. */
export const OPERATIONS = [
  'point-to-point',
  'barrier',
  'broadcast',
  'all-gather',
  'reduce-scatter',
  'ring-all-reduce',
  'tree-all-reduce',
  'parameter-server',
] as const;
export type OperationName = (typeof OPERATIONS)[number];

/** Element types, in the order of their code on the wire. */
export const FRAME_DTYPES = ['uint8', 'float32', 'float64', 'int32'] as const;
export type FrameDType = (typeof FRAME_DTYPES)[number];

/** The header of a tensor frame, decoded. All numbers are unsigned 32-bit integers; sizes are in bytes. */
export interface FrameHeader {
  op: OperationName;
  dtype: FrameDType;
  generation: number;
  /** Which operation of this generation: all ranks count alike. For point-to-point messages the tag. */
  sequence: number;
  step: number;
  bucket: number;
  /** Which message inside the operation. */
  round: number;
  segment: number;
  length: number;
  total: number;
  fingerprint: number;
}

/** Writes a header into 48 new bytes. */
export function encodeFrameHeader(header: FrameHeader): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, VERSION, true);
  view.setUint8(6, OPERATIONS.indexOf(header.op));
  view.setUint8(7, FRAME_DTYPES.indexOf(header.dtype));
  view.setUint32(8, header.generation, true);
  view.setUint32(12, header.sequence, true);
  view.setUint32(16, header.step, true);
  view.setUint32(20, header.bucket, true);
  view.setUint32(24, header.round, true);
  view.setUint32(28, header.segment, true);
  view.setUint32(32, header.length, true);
  view.setUint32(36, header.total, true);
  view.setUint32(40, header.fingerprint, true);
  return bytes;
}

/** Whether a message begins as a tensor frame does; all else is a control message. */
export function isTensorFrame(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && (bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24)) === MAGIC;
}

/** Reads and checks a header whose payload has `payloadBytes` bytes. Throws ProtocolError and nothing else. */
export function decodeFrameHeader(bytes: Uint8Array, payloadBytes: number): FrameHeader {
  if (bytes.length !== FRAME_HEADER_BYTES) throw bad('header', `${bytes.length} bytes, not ${FRAME_HEADER_BYTES}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u32 = (offset: number) => view.getUint32(offset, true);
  if (u32(0) !== MAGIC) throw bad('magic', `0x${u32(0).toString(16)}`);
  const version = view.getUint16(4, true);
  if (version !== VERSION) throw bad('version', `${version}, this side speaks ${VERSION}`);
  const op = OPERATIONS[view.getUint8(6)];
  if (op === undefined) throw bad('op', `${view.getUint8(6)}`);
  const dtype = FRAME_DTYPES[view.getUint8(7)];
  if (dtype === undefined) throw bad('dtype', `${view.getUint8(7)}`);
  if (u32(44) !== 0) throw bad('reserved word', `${u32(44)}, not 0`);
  const header: FrameHeader = {
    op,
    dtype,
    generation: u32(8),
    sequence: u32(12),
    step: u32(16),
    bucket: u32(20),
    round: u32(24),
    segment: u32(28),
    length: u32(32),
    total: u32(36),
    fingerprint: u32(40),
  };
  checkLengths(header, payloadBytes);
  return header;
}

// Every segment but the last is full, so a header alone says where its payload belongs.
function checkLengths({ segment, length, total }: FrameHeader, payloadBytes: number): void {
  if (length !== payloadBytes) throw bad('length', `${length}, but the payload has ${payloadBytes} bytes`);
  const expected = segmentLength(segment, total);
  if (length !== expected) {
    throw bad('length', `${length} in segment ${segment} of a message of ${total} bytes, not ${Math.max(expected, 0)}`);
  }
}

/** How many frames a message of `total` bytes takes; an empty one takes one. */
export function segmentCount(total: number): number {
  return Math.max(1, Math.ceil(total / SEGMENT_BYTES_MAX));
}

/** Payload bytes of a segment of a message of `total` bytes; below zero if there is no such segment. */
export function segmentLength(segment: number, total: number): number {
  if (segment >= segmentCount(total)) return -1;
  return Math.min(SEGMENT_BYTES_MAX, total - segment * SEGMENT_BYTES_MAX);
}

/** FNV-1a over the words that all ranks of an operation must agree on. */
export function fingerprintOf(words: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const character of words.join('\n')) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  return hash >>> 0;
}

const bad = (field: string, value: string) => new ProtocolError(`tensor frame: bad ${field}: ${value}`);
