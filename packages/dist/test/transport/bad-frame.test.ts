import { afterEach, describe, expect, it } from 'vitest';
import { ProtocolError } from '../../src/errors.ts';
import { ProcessGroup, type Membership } from '../../src/group.ts';
import type { Transport } from '../../src/transport/transport.ts';
import { encodeFrameHeader, SEGMENT_BYTES_MAX, type FrameHeader } from '../../src/wire/tensor-frame.ts';
import { memoryTransports, webSocketTransports } from '../groups.ts';

const NOTHING = new Uint8Array(0);
const header: FrameHeader = {
  op: 'point-to-point',
  dtype: 'uint8',
  generation: 2,
  sequence: 1,
  step: 0,
  bucket: 0,
  round: 0,
  segment: 0,
  length: 0,
  total: 0,
  fingerprint: 0,
};

/** A membership that decides nothing and remembers who was suspected. */
function onlooker(): Membership & { suspects: Promise<{ rank: number; cause: Error }> } {
  let suspect: Membership['suspect'] = () => {};
  const suspects = new Promise<{ rank: number; cause: Error }>((resolve) => {
    suspect = (rank, cause) => resolve({ rank, cause });
  });
  return { suspects, suspect, leave: () => Promise.resolve(), abort: () => Promise.resolve() };
}

describe.each(Object.entries({ memory: memoryTransports, websocket: webSocketTransports }))('over %s', (_, make) => {
  let transports: readonly Transport[] = [];
  afterEach(() => transports.forEach((transport) => transport.destroy()));

  const notAHeader = encodeFrameHeader(header);
  notAHeader[5] = 9; // a version to come
  const half = encodeFrameHeader({ ...header, length: SEGMENT_BYTES_MAX, total: 2 * SEGMENT_BYTES_MAX });
  const stray = encodeFrameHeader({ ...header, segment: 1, length: 5, total: SEGMENT_BYTES_MAX + 5 });
  it.each<[string, [Uint8Array, Uint8Array][], string]>([
    ['with a bad header', [[notAHeader, NOTHING]], 'bad version'],
    ['with less payload than announced', [[half, NOTHING]], 'bad length'],
    ['that continues nothing', [[stray, new Uint8Array(5)]], 'segment 1 of a message that never began'],
    [
      'inside another message',
      [
        [half, new Uint8Array(SEGMENT_BYTES_MAX)],
        [encodeFrameHeader(header), NOTHING],
      ],
      'segment 0 inside point-to-point #1',
    ],
  ])('a frame %s closes that link and nothing else', async (_, frames, message) => {
    transports = await make(3);
    const memberships = transports.map(onlooker);
    const groups = transports.map((transport, i) => {
      return new ProcessGroup(transport, { generation: 2, membership: memberships[i]! });
    });
    for (const [bytes, payload] of frames) transports[1]!.send(0, bytes, payload);
    const { rank, cause } = await memberships[0]!.suspects;
    expect(rank).toBe(1);
    expect(cause).toBeInstanceOf(ProtocolError);
    expect(cause.message).toContain(message);
    expect((await memberships[1]!.suspects).rank).toBe(0);
    const word = new Uint8Array(1);
    await Promise.all([groups[2]!.send(0, 7, Uint8Array.of(4)), groups[0]!.receive(2, 7, word)]);
    expect(word[0]).toBe(4);
    expect(groups[0]!.failure).toBe(null);
  });

  it('a frame of an older generation is dropped', async () => {
    transports = await make(2);
    const group = new ProcessGroup(transports[0]!, { generation: 2 });
    const message = (generation: number) => encodeFrameHeader({ ...header, generation, length: 1, total: 1 });
    transports[1]!.send(0, message(1), Uint8Array.of(1));
    transports[1]!.send(0, message(2), Uint8Array.of(2));
    const word = new Uint8Array(1);
    await group.receive(1, 1, word);
    expect(word[0]).toBe(2);
  });
});
