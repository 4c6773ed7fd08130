import { afterEach, describe, expect, it } from 'vitest';
import { barrier } from '../../src/collectives/barrier.ts';
import { treeAllReduce } from '../../src/collectives/tree-all-reduce.ts';
import { DesyncError, GroupTimeoutError, PeerLostError } from '../../src/errors.ts';
import { ProcessGroup, type GroupOptions } from '../../src/group.ts';
import type { Transport } from '../../src/transport/transport.ts';
import { memoryTransports, webSocketTransports } from '../groups.ts';

const MEGABYTE = 1024 * 1024;
const kinds = { memory: memoryTransports, websocket: webSocketTransports };

function pattern(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 17 + (i >> 8)) & 0xff);
}

describe.each(Object.entries(kinds))('a process group over the %s transport', (_, makeTransports) => {
  let transports: readonly Transport[] = [];
  afterEach(() => transports.forEach((transport) => transport.destroy()));

  async function makeGroups(size: number, options: GroupOptions = {}): Promise<ProcessGroup[]> {
    transports = await makeTransports(size);
    return transports.map((transport) => new ProcessGroup(transport, options));
  }

  it.each([0, 1, 4, 100, 16 * 1024 - 48, 16 * 1024 + 1, 512 * 1024, 512 * 1024 + 1, 5 * MEGABYTE + 3])(
    'carries a message of %i bytes unchanged, onto shared memory',
    async (length) => {
      const [a, b] = await makeGroups(2);
      const message = pattern(length, 1);
      const into = new Uint8Array(new SharedArrayBuffer(length + 1), 1);
      await Promise.all([a!.send(1, 7, message), b!.receive(0, 7, into)]);
      expect(Buffer.from(into).equals(message)).toBe(true);
    },
  );

  it('keeps messages of one tag in order, whether they are awaited early or late', async () => {
    const [a, b] = await makeGroups(2);
    const inbox = Array.from({ length: 20 }, () => new Uint8Array(3000));
    const early = inbox.slice(0, 10).map((into) => b!.receive(0, 1, into));
    await Promise.all(inbox.map((_, i) => a!.send(1, 1, pattern(3000, i))));
    await Promise.all([...early, ...inbox.slice(10).map((into) => b!.receive(0, 1, into))]);
    inbox.forEach((into, i) => expect(into).toEqual(pattern(3000, i)));
  });

  it('tells messages of many tags apart, in both directions at once', async () => {
    const groups = await makeGroups(3);
    const tags = Array.from({ length: 30 }, (_, tag) => tag);
    const received = new Map<string, Uint8Array>();
    const work = groups.flatMap((group) =>
      groups
        .filter((peer) => peer !== group)
        .flatMap((peer) =>
          tags.map(async (tag) => {
            const into = new Uint8Array(1000 * tag);
            received.set(`${peer.rank} to ${group.rank}, tag ${tag}`, into);
            const sent = group.send(peer.rank, tag, pattern(1000 * tag, group.rank));
            await Promise.all([sent, group.receive(peer.rank, tag, into)]);
          }),
        ),
    );
    await Promise.all(work);
    for (const [name, into] of received) {
      expect(Buffer.from(into).equals(pattern(into.length, Number(name[0]))), name).toBe(true);
    }
  });

  it('stops a sender that runs far ahead and loses nothing', async () => {
    const [a, b] = await makeGroups(2);
    const message = pattern(8 * MEGABYTE, 3);
    const sent = Array.from({ length: 12 }, () => a!.send(1, 5, message)); // 96 MiB, the limit is 64
    const marker = new Uint8Array(1);
    const sentMarker = a!.send(1, 6, Uint8Array.of(9));
    for (let i = 0; i < 12; i++) {
      const into = new Uint8Array(message.length);
      await b!.receive(0, 5, into);
      expect(Buffer.from(into).equals(message)).toBe(true);
    }
    await Promise.all([...sent, sentMarker, b!.receive(0, 6, marker)]);
    expect(marker[0]).toBe(9);
  });

  it('sums on every rank', async () => {
    const groups = await makeGroups(4);
    const buffers = groups.map(({ rank }) => Float32Array.from({ length: 1_000_003 }, (_, i) => (i % 1000) + rank));
    await Promise.all(groups.map((group) => treeAllReduce(group, buffers[group.rank]!)));
    for (const buffer of buffers) expect(buffer.every((value, i) => value === 4 * (i % 1000) + 6)).toBe(true);
  });

  it('rejects what is pending and what comes after with a PeerLostError that names the lost rank', async () => {
    const groups = await makeGroups(3);
    const [a, , c] = groups;
    const pending = [a!.receive(1, 1, new Uint8Array(4)), treeAllReduce(c!, new Float32Array(100))];
    const outcomes = Promise.allSettled(pending);
    transports[1]!.destroy();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'ERR_PEER_LOST', rank: 1 } });
    }
    await expect(barrier(a!)).rejects.toThrow(PeerLostError);
    expect(a!.failure).toMatchObject({ rank: 1 });
  });

  it('treats leaving as no failure, but no message is awaited from who has left', async () => {
    const [a, b, c] = await makeGroups(3);
    await a!.send(1, 1, pattern(10, 1));
    const waiting = b!.receive(0, 2, new Uint8Array(1));
    const outcome = expect(waiting).rejects.toMatchObject({ code: 'ERR_PEER_LOST', rank: 0 });
    await a!.close();
    await outcome;
    const into = new Uint8Array(10);
    await b!.receive(0, 1, into); // it was sent before
    expect(into).toEqual(pattern(10, 1));
    const word = new Uint8Array(1);
    await Promise.all([b!.send(2, 3, Uint8Array.of(5)), c!.receive(1, 3, word)]);
    expect(word[0]).toBe(5);
    expect(b!.failure).toBe(null);
    await expect(a!.send(1, 1, word)).rejects.toMatchObject({ code: 'ERR_GROUP_CLOSED' });
  });

  it('says after the deadline which collective waits for which ranks', async () => {
    const groups = await makeGroups(4, { timeoutMs: 400 });
    const waiting = [0, 2].map((rank) => treeAllReduce(groups[rank]!, new Float32Array(8), { step: 3, bucket: 1 }));
    const [outcome] = await Promise.allSettled(waiting);
    const { reason } = outcome as PromiseRejectedResult;
    expect(reason).toBeInstanceOf(GroupTimeoutError);
    expect(reason.missing).toEqual([1, 3]);
    expect(reason.message).toContain(
      'tree-all-reduce #0 (float32 × 8, step 3, bucket 1): on rank 0 nothing came from ranks 1, 3 for 0.4 s',
    );
  });

  it('names both sides when ranks call different collectives', async () => {
    const groups = await makeGroups(2);
    const calls = [treeAllReduce(groups[0]!, new Float32Array(8)), treeAllReduce(groups[1]!, new Float32Array(9))];
    const [first, second] = (await Promise.allSettled(calls)) as PromiseRejectedResult[];
    const desync = [first!.reason, second!.reason].find((reason) => reason instanceof DesyncError);
    expect((desync as DesyncError).message).toMatch(
      /rank \d is in tree-all-reduce #0 \(float32 × [89]\), but rank \d sent tree-all-reduce #0/,
    );
  });

  it('refuses a message of another size than expected', async () => {
    const [a, b] = await makeGroups(2);
    const received = b!.receive(0, 4, new Uint8Array(9));
    const refused = expect(received).rejects.toThrow(
      'message with tag 4 (9 bytes), but rank 0 sent a message with tag 4 of 8 bytes',
    );
    await a!.send(1, 4, new Uint8Array(8));
    await refused;
  });

  it.each([-1, 0, 2, 1.5, Number.NaN])('refuses peer %d of a group of two', async (peer) => {
    const [a] = await makeGroups(2);
    await expect(a!.send(peer, 1, new Uint8Array(1))).rejects.toMatchObject({ code: 'ERR_RANK' });
  });
});
