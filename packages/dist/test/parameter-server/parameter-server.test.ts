import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { broadcast } from '../../src/collectives/broadcast.ts';
import { treeSum } from '../../src/collectives/tree-sum.ts';
import { ProcessGroup } from '../../src/group.ts';
import { equalSlices } from '../../src/parameter-server/roles.ts';
import { serve } from '../../src/parameter-server/serve.ts';
import type { StepInfo } from '../../src/parameter-server/step-info.ts';
import { ParameterServerWorker } from '../../src/parameter-server/worker.ts';
import { MemoryNetwork } from '../../src/transport/memory.ts';
import type { Transport } from '../../src/transport/transport.ts';
import { memoryTransports, shuffled, webSocketTransports } from '../groups.ts';

const LR = 0.1;
const COUNTS = { sums: 2, maxima: 1 };

const gradientOf = (worker: number, step: number, length: number) =>
  Float32Array.from({ length }, (_, i) => ((i * 7919 + worker * 104_729 + step) % 65_521) / (1 + (i % 13)));
const startOf = (length: number) => Float32Array.from({ length }, (_, i) => i / 7);

function descend(parameters: Float32Array, gradientSum: Float32Array, { sums }: StepInfo): void {
  for (let i = 0; i < parameters.length; i++) parameters[i]! -= LR * (gradientSum[i]! / sums[0]!);
}

/** The same training in one place. */
function trainAlone(workers: number, steps: number, length: number): Float32Array {
  const parameters = startOf(length);
  for (let step = 0; step < steps; step++) {
    const sum = treeSum(Array.from({ length: workers }, (_, worker) => gradientOf(worker, step, length)));
    descend(parameters, sum, { sums: Float64Array.of(workers * 10), maxima: new Float64Array(0) });
  }
  return parameters;
}

async function runWorker(group: ProcessGroup, workers: number, steps: number, length: number) {
  const server = new ParameterServerWorker(group, { workers, slices: equalSlices(length, group.size - workers) });
  const parameters = new Float32Array(new SharedArrayBuffer(4 * length));
  await broadcast(group, parameters, { root: 0 });
  const infos: StepInfo[] = [];
  for (let step = 0; step < steps; step++) {
    const info = { sums: Float64Array.of(10, group.rank + 0.5), maxima: Float64Array.of(group.rank === 1 ? step : 0) };
    infos.push(await server.pushPull(gradientOf(group.rank, step, length), parameters, info));
  }
  await server.goodbye(COUNTS);
  return { parameters, infos };
}

async function runServer(group: ProcessGroup, workers: number, length: number): Promise<number> {
  const flat = new Float32Array(length);
  await broadcast(group, flat, { root: 0 });
  const slices = equalSlices(length, group.size - workers);
  const { start, end } = slices[group.rank - workers]!;
  const parameters = startOf(length).subarray(start, end);
  const apply = (sum: Float32Array, info: StepInfo) => descend(parameters, sum, info);
  return serve(group, { workers, slices, info: COUNTS, parameters, apply });
}

async function train(transports: readonly Transport[], workers: number, steps: number, length: number) {
  const groups = transports.map((transport) => new ProcessGroup(transport));
  const servers = groups.slice(workers).map((group) => runServer(group, workers, length));
  const trained = await Promise.all(groups.slice(0, workers).map((group) => runWorker(group, workers, steps, length)));
  return { trained, served: await Promise.all(servers) };
}

it('trains to the bits of one process, for any number of workers and servers, any length and timing', async () => {
  const count = fc.integer({ min: 1, max: 5 });
  const property = fc.asyncProperty(
    count,
    count,
    fc.nat(300),
    fc.nat(0xffffffff),
    async (workers, servers, length, seed) => {
      const { transports } = new MemoryNetwork(workers + servers, shuffled(seed));
      const { trained, served } = await train(transports, workers, 3, length);
      const expected = trainAlone(workers, 3, length);
      for (const { parameters } of trained) expect([...parameters]).toEqual([...expected]);
      expect(served).toEqual(Array(servers).fill(3));
    },
  );
  await fc.assert(property, { numRuns: 30 });
});

describe.each(Object.entries({ memory: memoryTransports, websocket: webSocketTransports }))(
  'over the %s transport',
  (_, make) => {
    let transports: readonly Transport[] = [];
    afterEach(() => transports.forEach((transport) => transport.destroy()));

    it('large slices, and the info of all workers joined on each of them', async () => {
      transports = await make(5);
      const { trained, served } = await train(transports, 3, 4, 1_000_003);
      const expected = trainAlone(3, 4, 1_000_003);
      for (const { parameters, infos } of trained) {
        expect(Buffer.from(new Uint8Array(parameters.buffer)).equals(Buffer.from(expected.buffer))).toBe(true);
        expect(infos.map(({ sums, maxima }) => [...sums, ...maxima])).toEqual(
          [0, 1, 2, 3].map((step) => [30, 4.5, step]),
        );
      }
      expect(served).toEqual([4, 4]);
    });

    it('a lost worker ends the server, and a lost server the workers, each by name', async () => {
      transports = await make(3);
      const [worker, , server] = transports.map((transport) => new ProcessGroup(transport));
      const slices = equalSlices(4, 1);
      const options = { workers: 2, slices, info: COUNTS, parameters: new Float32Array(4), apply: () => {} };
      const serving = serve(server!, options);
      const info = { sums: new Float64Array(2), maxima: new Float64Array(1) };
      const pulling = new ParameterServerWorker(worker!, { workers: 2, slices }).pushPull(
        new Float32Array(4),
        new Float32Array(4),
        info,
      );
      const outcomes = Promise.allSettled([serving, pulling]);
      transports[1]!.destroy();
      for (const outcome of await outcomes)
        expect(outcome).toMatchObject({ reason: { code: 'ERR_PEER_LOST', rank: 1 } });
    });
  },
);

it('serves again after a goodbye, with the parameters as they were', async () => {
  const [group, server] = new MemoryNetwork(2).transports.map((transport) => new ProcessGroup(transport));
  const parameters = Float32Array.of(8);
  const apply = (sum: Float32Array, info: StepInfo) => descend(parameters, sum, info);
  const slices = equalSlices(1, 1);
  const worker = new ParameterServerWorker(group!, { workers: 1, slices });
  const pulled = new Float32Array(1);
  const info = { sums: Float64Array.of(1, 0), maxima: new Float64Array(1) };
  for (const steps of [2, 3]) {
    const serving = serve(server!, { workers: 1, slices, info: COUNTS, parameters, apply });
    for (let step = 0; step < steps; step++) await worker.pushPull(Float32Array.of(10), pulled, info);
    await worker.goodbye(COUNTS);
    expect(await serving).toBe(steps);
  }
  expect(pulled[0]).toBe(3);
});

it('a worker that stops before the others is named', async () => {
  const groups = new MemoryNetwork(3).transports.map((transport) => new ProcessGroup(transport));
  const parameters = new Float32Array(1);
  const options = { workers: 2, slices: equalSlices(1, 1) };
  const serving = serve(groups[2]!, { ...options, info: COUNTS, parameters, apply: () => {} });
  const info = { sums: new Float64Array(2), maxima: new Float64Array(1) };
  const going = new ParameterServerWorker(groups[0]!, options).pushPull(new Float32Array(1), parameters, info);
  going.catch(() => {}); // waits for the server, which is gone
  const ended = expect(serving).rejects.toThrow('worker 1 said goodbye while worker 0 sent a gradient');
  await new ParameterServerWorker(groups[1]!, options).goodbye(COUNTS);
  await ended;
});

it('refuses roles and slices that do not fit the group', async () => {
  const [group] = new MemoryNetwork(2).transports.map((transport) => new ProcessGroup(transport));
  expect(() => new ParameterServerWorker(group!, { workers: 2, slices: [] })).toThrow(
    'a group of 2 can have 1 to 1 workers, got 2',
  );
  expect(() => new ParameterServerWorker(group!, { workers: 1, slices: [] })).toThrow('1 servers have 0 slices');
  const [, server] = new MemoryNetwork(2).transports.map((transport) => new ProcessGroup(transport));
  const options = {
    workers: 1,
    slices: equalSlices(10, 1),
    info: COUNTS,
    parameters: new Float32Array(9),
    apply: () => {},
  };
  await expect(serve(server!, options)).rejects.toThrow(
    'rank 1 owns elements 0 to 10 of 10, but parameters has 9 elements',
  );
});

it('servers gather what takes all parameters, as often as a step asks for it', async () => {
  const [workers, servers, length] = [2, 3, 10];
  const groups = new MemoryNetwork(workers + servers, shuffled(7)).transports.map((t) => new ProcessGroup(t));
  const slices = equalSlices(length, servers);
  const seen: number[][] = [];
  const serving = groups.slice(workers).map((group, s) => {
    const { start, end } = slices[s]!;
    const parameters = new Float32Array(end - start);
    return serve(group, {
      ...{ workers, slices, info: COUNTS, parameters },
      async apply(gradientSum, _info, gather) {
        const [squares, doubled] = [new Float64Array(length), new Float64Array(servers)];
        gradientSum.forEach((g, i) => (squares[start + i] = g * g));
        await gather(squares, slices);
        doubled[s] = 2 * gradientSum[0]!;
        await gather(doubled, equalSlices(servers, servers));
        seen.push([...squares, ...doubled]);
      },
    });
  });
  const gradient = Float32Array.from({ length }, (_, i) => i);
  const info = { sums: new Float64Array(2), maxima: new Float64Array(1) };
  const working = groups.slice(0, workers).map(async (group) => {
    const worker = new ParameterServerWorker(group, { workers, slices });
    for (let step = 0; step < 2; step++) await worker.pushPull(gradient, new Float32Array(length), info);
    await worker.goodbye(COUNTS);
  });
  await Promise.all([...serving, ...working]);
  const expected = [...Array.from({ length }, (_, i) => 4 * i * i), 0, 16, 28];
  expect(seen).toEqual(Array.from({ length: 2 * servers }, () => expected));
});
