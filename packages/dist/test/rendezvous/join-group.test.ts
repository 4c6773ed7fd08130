import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Packr } from 'msgpackr';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ringAllReduce } from '../../src/collectives/ring-all-reduce.ts';
import type { ProcessGroup } from '../../src/group.ts';
import { groupAddress } from '../../src/rendezvous/environment.ts';
import { joinGroup, type JoinOptions } from '../../src/rendezvous/join-group.ts';

const joined: ProcessGroup[] = [];
afterEach(async () => {
  await Promise.all(joined.splice(0).map((group) => group.close()));
});

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, 0);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

async function join(rank: number, options: JoinOptions): Promise<ProcessGroup> {
  const group = await joinGroup({ rank, masterAddr: '127.0.0.1', token: 'secret', ...options });
  joined.push(group);
  return group;
}

async function joinAll(worldSize: number, options: JoinOptions = {}): Promise<ProcessGroup[]> {
  const masterPort = await freePort();
  const ranks = Array.from({ length: worldSize }, (_, rank) => rank);
  return Promise.all(ranks.map((rank) => join(rank, { worldSize, masterPort, ...options })));
}

describe('joinGroup', () => {
  it('brings the ranks together in whatever order they start, and they can sum', async () => {
    const masterPort = await freePort();
    const late = [3, 1, 2].map((rank) => join(rank, { worldSize: 4, masterPort }));
    const groups = await Promise.all([...late, join(0, { worldSize: 4, masterPort })]);
    const buffers = groups.map(({ rank }) => Float32Array.of(rank, 1));
    await Promise.all(groups.map((group, i) => ringAllReduce(group, buffers[i]!)));
    for (const buffer of buffers) expect([...buffer]).toEqual([6, 4]);
    expect(groups.map((group) => group.generation)).toEqual([1, 1, 1, 1]);
  });

  it('gives a group of one without a network when WORLD_SIZE is not set', async () => {
    const group = await joinGroup();
    expect([group.rank, group.size]).toEqual([0, 1]);
    await group.close();
  });

  it('says which port is in use, and what to do', async () => {
    const other = createServer();
    const masterPort = await listen(other, 0);
    const joining = join(0, { worldSize: 2, masterPort });
    await expect(joining).rejects.toMatchObject({
      code: 'ERR_PORT_IN_USE',
      message: expect.stringMatching(`port ${masterPort} is in use: .*choose another port \\(MASTER_PORT\\)`),
    });
    other.close();
  });

  it('names the ranks that did not come by the start deadline, on every rank that came', async () => {
    const masterPort = await freePort();
    const options = { worldSize: 4, masterPort, startTimeoutMs: 600 };
    const waiting: (readonly number[])[] = [];
    const first = join(0, { ...options, onWaiting: (missing) => waiting.push(missing) });
    const outcomes = await Promise.allSettled([first, join(2, options)]);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ reason: { code: 'ERR_START_TIMEOUT' } });
      expect((outcome as PromiseRejectedResult).reason.message).toContain('ranks 1, 3 did not join within');
    }
    expect(waiting.at(-1)).toEqual([1, 3]);
  });

  it('says where it found no coordinator', async () => {
    const masterPort = await freePort();
    await expect(join(1, { worldSize: 2, masterPort, startTimeoutMs: 300 })).rejects.toMatchObject({
      code: 'ERR_START_TIMEOUT',
      message: expect.stringContaining(
        `rank 1 could not reach the coordinator at 127.0.0.1:${masterPort} within 0.3 s`,
      ),
    });
  });

  it('refuses a wrong token and goes on waiting for the right one', async () => {
    const masterPort = await freePort();
    const first = join(0, { worldSize: 2, masterPort });
    await expect(join(1, { worldSize: 2, masterPort, token: 'guess' })).rejects.toMatchObject({
      code: 'ERR_REFUSED',
      message: expect.stringContaining('its GRADWIRE_TOKEN is not the one of this run'),
    });
    await Promise.all([first, join(1, { worldSize: 2, masterPort })]);
  });

  it('does not trust a coordinator that cannot prove that it knows the token', async () => {
    const masterPort = await freePort();
    const first = join(0, { worldSize: 2, masterPort, token: 'another run', startTimeoutMs: 500 });
    const outcomes = await Promise.allSettled([first, join(1, { worldSize: 2, masterPort })]);
    expect(outcomes[1]).toMatchObject({ status: 'rejected', reason: { code: 'ERR_REFUSED' } });
  });

  it('refuses another world size and a rank that is taken, by name', async () => {
    const masterPort = await freePort();
    const first = join(0, { worldSize: 3, masterPort, startTimeoutMs: 3000 }).catch(() => {});
    const second = new Promise<void>((seated) => {
      join(1, { worldSize: 3, masterPort, onWaiting: () => seated() }).catch(() => {});
    });
    await second;
    await expect(join(1, { worldSize: 3, masterPort })).rejects.toThrow('another process has RANK 1 already');
    await expect(join(2, { worldSize: 4, masterPort })).rejects.toThrow('it has WORLD_SIZE 4, but rank 0 has 3');
    await first;
  });

  it('is not disturbed by strangers who send garbage to the coordinator', async () => {
    const masterPort = await freePort();
    const first = join(0, { worldSize: 2, masterPort });
    const foreign = new Packr({ useRecords: false }).pack({ type: '€'.repeat(100) });
    const noHeader = Buffer.from('GWRT, but no header');
    const garbage = [Buffer.from('ffffffff', 'hex'), Buffer.alloc(100_000, 0x91), noHeader, foreign, 'text', ''];
    const codes = await Promise.all(garbage.map((bytes) => closeCodeAfter(masterPort, bytes)));
    expect(new Set(codes)).toEqual(new Set([1002]));
    expect(await closeCodeAfter(masterPort, Buffer.alloc(2_000_000))).toBe(1009); // too large
    const silent = closeCodeAfter(masterPort, null); // is cut off, and hinders nobody until then
    const [a, b] = await Promise.all([first, join(1, { worldSize: 2, masterPort })]);
    expect(await silent).toBe(1006);
    const word = new Uint8Array(1);
    await Promise.all([a.send(1, 1, Uint8Array.of(3)), b.receive(0, 1, word)]);
    expect(word[0]).toBe(3);
  });
});

/** The code with which a stranger's connection is closed after it sent `bytes`, or kept silent. */
function closeCodeAfter(port: number, bytes: Buffer | string | null): Promise<number> {
  return new Promise((resolve) => {
    const connect = () => {
      const ws = new WebSocket(`ws://127.0.0.1:${port}`);
      ws.on('error', () => setTimeout(connect, 20)); // rank 0 may not listen yet
      ws.on('open', () => {
        if (bytes !== null) ws.send(bytes);
        ws.on('close', resolve);
      });
    };
    connect();
  });
}

describe('a group that has joined', () => {
  it('ends on all ranks, naming the rank that aborts and why', async () => {
    const groups = await joinAll(3);
    const waits = [0, 2].map((rank) => groups[rank]!.receive(1, 1, new Uint8Array(1)));
    const outcomes = Promise.allSettled(waits);
    await groups[1]!.abort(new Error('the loss is NaN at step 7'));
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ reason: { code: 'ERR_PEER_LOST', rank: 1 } });
      expect((outcome as PromiseRejectedResult).reason.message).toBe('lost rank 1: the loss is NaN at step 7');
    }
  });

  it('ends on all ranks when two of them call different collectives, and tells the others why', async () => {
    const groups = await joinAll(3);
    const waiting = expect(groups[2]!.receive(0, 1, new Uint8Array(1))).rejects.toMatchObject({
      code: 'ERR_PEER_LOST',
      message: expect.stringMatching(/^lost rank [01]: rank [01] is in ring-all-reduce #0 .* but rank [01] sent /),
    });
    const calls = [0, 1].map((rank) => ringAllReduce(groups[rank]!, new Float32Array(5 + rank)));
    const codes = (await Promise.allSettled(calls)).map((outcome) => (outcome as PromiseRejectedResult).reason.code);
    expect(codes).toContain('ERR_DESYNC');
    await waiting;
  });

  it.each([0, 1, 2])('goes on between the others when rank %i leaves in peace', async (leaver) => {
    const groups = await joinAll(3);
    const [a, b] = groups.filter(({ rank }) => rank !== leaver);
    await groups[leaver]!.close();
    const word = new Uint8Array(1);
    await Promise.all([a!.send(b!.rank, 1, Uint8Array.of(8)), b!.receive(a!.rank, 1, word)]);
    expect(word[0]).toBe(8);
    expect([a!.failure, b!.failure]).toEqual([null, null]);
  });

  it('closes on all ranks at once without an error', async () => {
    const groups = await joinAll(4);
    await Promise.all(groups.map((group) => group.close()));
    for (const group of groups) expect(group.failure).toMatchObject({ code: 'ERR_GROUP_CLOSED' });
  });
});

describe('the environment', () => {
  const torchrun = { RANK: '1', WORLD_SIZE: '2', MASTER_ADDR: 'node0', MASTER_PORT: '29500', GRADWIRE_TOKEN: 'secret' };

  it('is read under torchrun’s names', () => {
    const address = { rank: 1, worldSize: 2, masterAddr: 'node0', masterPort: 29500, token: 'secret' };
    expect(groupAddress({}, torchrun)).toEqual(address);
    expect(groupAddress({ rank: 0 }, torchrun)).toEqual({ ...address, rank: 0 });
  });

  it.each([
    ['RANK', '2', 'RANK must be a whole number from 0 to 1; got "2"'],
    ['RANK', undefined, 'RANK must be a whole number from 0 to 1; it is not set'],
    ['WORLD_SIZE', 'two', 'WORLD_SIZE must be a whole number from 1 to 4096; got "two"'],
    ['WORLD_SIZE', '', 'WORLD_SIZE must be a whole number from 1 to 4096; got ""'],
    ['MASTER_PORT', '70000', 'MASTER_PORT must be a whole number from 1 to 65535; got "70000"'],
    ['MASTER_ADDR', undefined, 'MASTER_ADDR is not set; it must hold the host of rank 0'],
    ['GRADWIRE_TOKEN', undefined, 'GRADWIRE_TOKEN is not set; it must hold one secret for all ranks of the run'],
  ])('with %s=%s is refused by name', (name, value, message) => {
    expect(() => groupAddress({}, { ...torchrun, [name]: value })).toThrow(`joinGroup: ${message}`);
  });
});
