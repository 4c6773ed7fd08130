import { tensor, type Tensor } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { DataParallel } from '../../src/data-parallel/data-parallel.ts';
import { GradientExchange } from '../../src/data-parallel/gradient-exchange.ts';
import type { Bucket } from '../../src/data-parallel/bucket-plan.ts';
import { ProcessGroup } from '../../src/group.ts';
import type { Transport } from '../../src/transport/transport.ts';
import { memoryGroups, memoryTransports, webSocketTransports } from '../groups.ts';

const buckets: Bucket[] = [
  { start: 4, end: 6, parameters: [2] },
  { start: 2, end: 4, parameters: [1] },
  { start: 0, end: 2, parameters: [0] },
];

describe('GradientExchange', () => {
  it('begins operations in the order of the plan, whatever the order in which buckets fill', async () => {
    const orders = [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2],
    ];
    const ranks = memoryGroups(3).map((group, rank) => {
      const gradient = Float32Array.from({ length: 6 }, (_, i) => i + rank);
      return { gradient, exchange: new GradientExchange(group, gradient, buckets) };
    });
    for (const turn of [0, 1]) {
      ranks.forEach(({ exchange }, rank) => orders[(rank + turn) % 3]!.forEach((b) => exchange.filled(turn, b)));
      const figures = await Promise.all(ranks.map(({ exchange }, rank) => exchange.finish(turn, [rank, 10 * rank])));
      for (const of of figures) expect(of).toEqual([[0, 0], [1, 10], [2, 20]]); // prettier-ignore
    }
    for (const { gradient } of ranks) expect([...gradient]).toEqual([9, 18, 27, 36, 45, 54]);
  });
});

describe.each<[string, (size: number) => Promise<readonly Transport[]>]>([
  ['memory', memoryTransports],
  ['WebSockets', webSocketTransports],
])('DataParallel over %s', (_, connect) => {
  const start = async (size: number) =>
    (await connect(size)).map((transport) => {
      const group = new ProcessGroup(transport);
      const parameters = [0, 1].map((i) => tensor([i, transport.rank + 1], { requiresGrad: true }));
      const named = parameters.map((parameter, i): [string, Tensor] => [`${i}`, parameter]);
      return { group, parameters, parallel: new DataParallel(group, named) };
    });

  it('leaves the mean of all gradients, and zero for a parameter without part in the loss, step after step', async () => {
    const ranks = await start(3);
    await Promise.all(ranks.map(({ parallel }) => parallel.broadcastParameters()));
    for (const { parameters } of ranks) expect(parameters[1]!.toArray()).toEqual([1, 1]);
    for (const factor of [1, 4]) {
      const finished = ranks.map(async ({ group, parameters, parallel }) => {
        for (const parameter of parameters) parameter.grad = null;
        parameters[0]!.mul(factor * (group.rank + 1)).sum().backward(); // prettier-ignore
        await parallel.finish();
        return parameters.map(({ grad }) => grad!.toArray());
      });
      for (const gradients of await Promise.all(finished)) {
        expect(gradients).toEqual([[2 * factor, 2 * factor], [0, 0]]); // prettier-ignore
      }
    }
    await Promise.all(ranks.map(({ group }) => group.close()));
  });

  it('rejects with the lost peer when one is gone', async () => {
    const [first, second] = await start(2);
    await second!.group.abort(new Error('broken'));
    first!.parameters[0]!.sum().backward();
    await expect(first!.parallel.finish()).rejects.toMatchObject({ code: 'ERR_PEER_LOST', rank: 1 });
  });
});
