import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../../src/errors.ts';
import {
  decodeControlMessage,
  encodeControlMessage,
  WORLD_SIZE_MAX,
  type ControlMessage,
} from '../../src/wire/control-message.ts';
import { CONTROL_BYTES_MAX, unpackPlain } from '../../src/wire/plain-message-pack.ts';

const rank = fc.nat(WORLD_SIZE_MAX - 1);
const port = fc.nat(65535);
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const reason = fc.string({ maxLength: 300 });
const missing = fc.array(rank, { maxLength: 40 });
const type = <T extends string>(name: T) => fc.constant(name);
const messages: fc.Arbitrary<ControlMessage> = fc.oneof(
  fc.record({ type: type('challenge'), nonce: hash }),
  fc.record({
    type: type('hello'),
    purpose: fc.constantFrom('control' as const, 'data' as const),
    rank,
    worldSize: rank,
    nonce: hash,
    proof: hash,
  }),
  fc.record({ type: type('welcome'), proof: hash }),
  fc.record({ type: type('refuse'), reason }),
  fc.record({ type: type('register'), host: fc.string({ maxLength: 60 }), port }),
  fc.record({ type: type('waiting'), missing }),
  fc.record({
    type: type('members'),
    generation: fc.nat(),
    members: fc.array(fc.record({ rank, host: fc.ipV4(), port }), { maxLength: 20 }),
  }),
  fc.record({ type: type('heartbeat') }),
  fc.record({ type: type('suspect'), rank, reason }),
  fc.record({ type: type('abort'), rank, reason }),
  fc.record({ type: type('startTimeout'), missing, waitedMs: fc.nat() }),
  fc.record({ type: type('goodbye') }),
  fc.record({ type: type('left'), rank }),
);

/** Decodes; anything but a ProtocolError fails the test. */
function decodeOrRefuse(bytes: Uint8Array): void {
  try {
    decodeControlMessage(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
  }
}

describe('control messages', () => {
  it('are decoded to what was encoded', () => {
    const plain = (message: ControlMessage) =>
      Object.fromEntries(Object.entries(message).map(([k, v]) => [k, v instanceof Uint8Array ? [...v] : v]));
    const property = fc.property(messages, (message) => {
      expect(plain(decodeControlMessage(encodeControlMessage(message)))).toEqual(plain(message));
    });
    fc.assert(property);
  });

  it('raise ProtocolError and nothing else on noise', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), decodeOrRefuse), { numRuns: 3000 });
  });

  it('raise ProtocolError and nothing else when bytes are changed or cut off', () => {
    const property = fc.property(messages, fc.nat(), fc.nat(255), fc.nat(), (message, at, value, cut) => {
      const bytes = Uint8Array.from(encodeControlMessage(message));
      bytes[at % bytes.length] = value;
      decodeOrRefuse(bytes);
      decodeOrRefuse(bytes.subarray(0, cut % bytes.length));
    });
    fc.assert(property, { numRuns: 1000 });
  });

  it('raise ProtocolError and nothing else on any value, whatever its fields are called', () => {
    const packr = new Packr({ useRecords: false });
    const names = fc.constantFrom('rank', 'reason', 'members', 'missing', '__proto__', 'constructor', 'toString');
    const fields = fc.dictionary(names, fc.anything({ maxDepth: 2 }));
    const types = fc.constantFrom('hello', 'abort', 'members', 'left', 'toString', 'constructor', '__proto__');
    const property = fc.property(types, fields, (name, value) => {
      let bytes: Uint8Array;
      try {
        bytes = packr.pack({ ...value, type: name });
      } catch {
        return; // the generator made something that MessagePack cannot hold
      }
      decodeOrRefuse(bytes);
    });
    fc.assert(property, { numRuns: 1000 });
  });

  it.each<[string, object, string]>([
    ['a rank beyond the largest world', { type: 'left', rank: WORLD_SIZE_MAX }, 'bad rank: 4096'],
    ['a negative rank', { type: 'left', rank: -1 }, 'bad rank: -1'],
    ['a rank that is no number', { type: 'left', rank: '0' }, 'bad rank: "0"'],
    ['a proof of the wrong length', { type: 'welcome', proof: Buffer.alloc(31) }, 'bad proof: 31 bytes'],
    ['a text that is too long', { type: 'refuse', reason: 'x'.repeat(2001) }, 'bad reason'],
    ['an unknown type', { type: 'shell' }, 'bad type: "shell"'],
    ['a type that every object has', { type: 'toString' }, 'bad type: "toString"'],
    ['a member that is no map', { type: 'members', generation: 1, members: [7] }, 'bad members: 7'],
  ])('refuse %s', (_, value, message) => {
    expect(() => decodeControlMessage(new Packr({ useRecords: false }).pack(value))).toThrow(message);
  });
});

describe('plain MessagePack', () => {
  it.each([
    ['an array that claims four billion items', 'ddffffffff'],
    ['a map that claims four billion items', 'dfffffffff'],
    ['a text that claims four gigabytes', 'dbffffffff'],
    ['an array with fewer items than it claims', 'dcffff01'],
    ['bytes with fewer bytes than they claim', 'c5ffff00'],
    ['an extension type', 'd4720100'],
    ['a date', 'd6ff00000000'],
    ['arrays nested too deep', '919191919191'],
    ['bytes after the value', '0101'],
    ['nothing', ''],
  ])('refuses %s before it allocates anything', (_, hex) => {
    expect(() => unpackPlain(Buffer.from(hex, 'hex'))).toThrow(ProtocolError);
  });

  it('refuses a message above the size limit', () => {
    expect(() => unpackPlain(new Uint8Array(CONTROL_BYTES_MAX + 1))).toThrow(`limit ${CONTROL_BYTES_MAX}`);
  });
});
