import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../../src/errors.ts';
import {
  decodeFrameHeader,
  encodeFrameHeader,
  FRAME_DTYPES,
  FRAME_HEADER_BYTES,
  OPERATIONS,
  SEGMENT_BYTES_MAX,
  segmentCount,
  segmentLength,
  type FrameHeader,
} from '../../src/wire/tensor-frame.ts';

const u32 = fc.integer({ min: 0, max: 0xffffffff });
const headers: fc.Arbitrary<FrameHeader> = fc
  .record({
    op: fc.constantFrom(...OPERATIONS),
    dtype: fc.constantFrom(...FRAME_DTYPES),
    generation: u32,
    sequence: u32,
    step: u32,
    bucket: u32,
    round: u32,
    total: u32,
    fingerprint: u32,
    place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  })
  .map(({ place, ...header }) => {
    const segment = Math.floor(place * segmentCount(header.total));
    return { ...header, segment, length: segmentLength(segment, header.total) };
  });
const golden: FrameHeader = {
  op: 'tree-all-reduce',
  dtype: 'float32',
  generation: 1,
  sequence: 2,
  step: 3,
  bucket: 4,
  round: 5,
  segment: 0,
  length: 16,
  total: 16,
  fingerprint: 0xdeadbeef,
};

describe('tensor frame header', () => {
  it('lies in memory as docs/wire-protocol.md says', () => {
    const words = ['47575254', '01000601', '01000000', '02000000', '03000000', '04000000', '05000000', '00000000'];
    words.push('10000000', '10000000', 'efbeadde', '00000000');
    expect(Buffer.from(encodeFrameHeader(golden)).toString('hex')).toBe(words.join(''));
  });

  it('is decoded to what was encoded', () => {
    const property = fc.property(headers, (header) => {
      expect(decodeFrameHeader(encodeFrameHeader(header), header.length)).toEqual(header);
    });
    fc.assert(property);
  });

  it('raises ProtocolError and nothing else on noise and on headers with changed bytes', () => {
    const changes = fc.array(fc.tuple(fc.nat(FRAME_HEADER_BYTES - 1), fc.nat(255)), { maxLength: 6 });
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.tuple(headers, changes).map(([header, edits]) => {
        const bytes = encodeFrameHeader(header);
        for (const [at, value] of edits) bytes[at] = value;
        return bytes;
      }),
    );
    const property = fc.property(noise, fc.nat(SEGMENT_BYTES_MAX), (bytes, payloadBytes) => {
      try {
        decodeFrameHeader(bytes, payloadBytes);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    });
    fc.assert(property, { numRuns: 2000 });
  });

  it.each([
    ['another magic', 0, 'magic'],
    ['another version', 4, 'version'],
    ['an unknown operation', 6, 'op'],
    ['an unknown element type', 7, 'dtype'],
    ['a segment past the end', 28, 'length'],
    ['a length that is not the payload’s', 32, 'length'],
    ['a word that must be zero', 44, 'reserved word'],
  ])('refuses %s and names the field', (_, offset, field) => {
    const bytes = encodeFrameHeader(golden);
    bytes[offset] = 0xee;
    expect(() => decodeFrameHeader(bytes, golden.length)).toThrow(`tensor frame: bad ${field}`);
  });
});

it('a message is cut into full segments and a rest', () => {
  expect(segmentCount(0)).toBe(1);
  expect(segmentLength(0, 0)).toBe(0);
  const total = 2 * SEGMENT_BYTES_MAX + 3;
  expect([0, 1, 2, 3].map((segment) => segmentLength(segment, total))).toEqual([
    SEGMENT_BYTES_MAX,
    SEGMENT_BYTES_MAX,
    3,
    -1,
  ]);
});
