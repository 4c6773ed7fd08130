import { ProtocolError } from '../errors.ts';
import { packPlain, unpackPlain } from './plain-message-pack.ts';

/** Most processes in one group. */
export const WORLD_SIZE_MAX = 4096;
const TEXT_LENGTH_MAX = 2000;
const HASH_BYTES = 32;

/** What a connection is opened for: to the coordinator, or to another rank for tensors. */
export type Purpose = 'control' | 'data';

/** Where a rank listens for the data links of others. */
export interface MemberAddress {
  rank: number;
  host: string;
  port: number;
}

/** Every message that is not a tensor frame. The first four make a connection, the others run the group. */
export type ControlMessage =
  | { type: 'challenge'; nonce: Uint8Array }
  | { type: 'hello'; purpose: Purpose; rank: number; worldSize: number; nonce: Uint8Array; proof: Uint8Array }
  | { type: 'welcome'; proof: Uint8Array }
  | { type: 'refuse'; reason: string }
  | { type: 'register'; host: string; port: number }
  | { type: 'waiting'; missing: number[] }
  | { type: 'members'; generation: number; members: MemberAddress[] }
  | { type: 'heartbeat' }
  | { type: 'suspect'; rank: number; reason: string }
  | { type: 'abort'; rank: number; reason: string }
  | { type: 'startTimeout'; missing: number[]; waitedMs: number }
  | { type: 'goodbye' }
  | { type: 'left'; rank: number };

export type ControlMessageOf<T extends ControlMessage['type']> = Extract<ControlMessage, { type: T }>;

type Fields = Record<string, unknown>;
type Checks = { [T in ControlMessage['type']]: (fields: Fields) => Omit<ControlMessageOf<T>, 'type'> };

const CHECKS: Checks = {
  challenge: (fields) => ({ nonce: hash(fields, 'nonce') }),
  hello: (fields) => ({
    purpose: purpose(fields),
    rank: rank(fields, 'rank'),
    worldSize: count(fields, 'worldSize', WORLD_SIZE_MAX),
    nonce: hash(fields, 'nonce'),
    proof: hash(fields, 'proof'),
  }),
  welcome: (fields) => ({ proof: hash(fields, 'proof') }),
  refuse: (fields) => ({ reason: text(fields, 'reason') }),
  register: (fields) => ({ host: text(fields, 'host'), port: count(fields, 'port', 65535) }),
  waiting: (fields) => ({ missing: ranks(fields, 'missing') }),
  members: (fields) => ({ generation: count(fields, 'generation', 0xffffffff), members: addresses(fields) }),
  heartbeat: () => ({}),
  suspect: (fields) => ({ rank: rank(fields, 'rank'), reason: text(fields, 'reason') }),
  abort: (fields) => ({ rank: rank(fields, 'rank'), reason: text(fields, 'reason') }),
  startTimeout: (fields) => ({
    missing: ranks(fields, 'missing'),
    waitedMs: count(fields, 'waitedMs', 0xffffffff),
  }),
  goodbye: () => ({}),
  left: (fields) => ({ rank: rank(fields, 'rank') }),
};

/** Encodes a control message as MessagePack. Texts are cut at the limit that the decoder enforces. */
export function encodeControlMessage(message: ControlMessage): Uint8Array {
  return packPlain('reason' in message ? { ...message, reason: message.reason.slice(0, TEXT_LENGTH_MAX) } : message);
}

/** Decodes and checks every field; unknown fields are left out. Throws ProtocolError and nothing else. */
export function decodeControlMessage(bytes: Uint8Array): ControlMessage {
  const fields = unpackPlain(bytes);
  if (!isFields(fields)) throw new ProtocolError('control message: not a map');
  const { type } = fields;
  if (typeof type !== 'string' || !Object.hasOwn(CHECKS, type)) throw bad('type', type);
  const checked = CHECKS[type as ControlMessage['type']](fields);
  return { type, ...checked } as ControlMessage;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function purpose(fields: Fields): Purpose {
  if (fields.purpose !== 'control' && fields.purpose !== 'data') throw bad('purpose', fields.purpose);
  return fields.purpose;
}

function count(fields: Fields, name: string, max: number): number {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > max) throw bad(name, value);
  return value;
}

function rank(fields: Fields, name: string): number {
  return count(fields, name, WORLD_SIZE_MAX - 1);
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value.length > TEXT_LENGTH_MAX) throw bad(name, value);
  return value;
}

function hash(fields: Fields, name: string): Uint8Array {
  const value = fields[name];
  if (!(value instanceof Uint8Array) || value.length !== HASH_BYTES) throw bad(name, value);
  return value;
}

function list(fields: Fields, name: string): unknown[] {
  const value = fields[name];
  if (!Array.isArray(value) || value.length > WORLD_SIZE_MAX) throw bad(name, value);
  return value;
}

function ranks(fields: Fields, name: string): number[] {
  return list(fields, name).map((item) => rank({ [name]: item }, name));
}

function addresses(fields: Fields): MemberAddress[] {
  return list(fields, 'members').map((item) => {
    if (!isFields(item)) throw bad('members', item);
    return { rank: rank(item, 'rank'), host: text(item, 'host'), port: count(item, 'port', 65535) };
  });
}

function bad(field: string, value: unknown): ProtocolError {
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : describe(value);
  return new ProtocolError(`control message: bad ${field}: ${shown}`);
}

function describe(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'a map' : String(value);
}
