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
      const buffers = [tensor([transport.rank, 1 - transport.rank]), tensor([transport.rank], { dtype: 'int32' })];
      return { group, parameters, buffers, parallel: new DataParallel(group, named, { buffers }) };
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

  it('gives all processes the buffers of rank 0 at first, and their mean after each step, whole numbers rounded', async () => {
    const ranks = await start(4);
    await Promise.all(ranks.map(({ parallel }) => parallel.broadcastParameters()));
    for (const { buffers } of ranks) expect(buffers.map((buffer) => buffer.toArray())).toEqual([[0, 1], [0]]);
    for (const { parameters, buffers, group } of ranks) {
      buffers[0]!.view().set([group.rank, 2]);
      buffers[1]!.view()[0] = 10 * group.rank + 1;
      parameters[0]!.sum().backward();
    }
    await Promise.all(ranks.map(({ parallel }) => parallel.finish()));
    for (const { buffers } of ranks) expect(buffers.map((buffer) => buffer.toArray())).toEqual([[1.5, 2], [16]]);
    await Promise.all(ranks.map(({ group }) => group.close()));
  });

  it('adds the gradients of several backwards up, and sends them with the last', async () => {
    const ranks = await start(2);
    for (let step = 0; step < 2; step++) {
      const finished = ranks.map(async ({ group, parameters: [first, second], parallel }) => {
        first!.grad = second!.grad = null;
        parallel.noSync(() => first!.mul(group.rank).sum().backward());
        parallel.noSync(() => second!.mul(10 + step).sum().backward()); // prettier-ignore
        first!.mul(4).sum().backward(); // prettier-ignore
        await parallel.finish();
        return [first!.grad!.toArray(), second!.grad!.toArray()];
      });
      for (const gradients of await Promise.all(finished)) {
        expect(gradients).toEqual([[4.5, 4.5], [10 + step, 10 + step]]); // prettier-ignore
      }
    }
    const [{ parameters, parallel }] = ranks as [(typeof ranks)[number], ...typeof ranks];
    const twice = (): void => parameters[0]!.sum().backward();
    parallel.noSync(twice);
    parallel.noSync(twice);
    twice();
    expect(twice).toThrow(expect.objectContaining({ code: 'ERR_BACKWARD_TWICE' }));
    await Promise.all(ranks.map(({ group }) => group.close()));
  });

  it('rejects with the lost peer when one is gone', async () => {
    const [first, second] = await start(2);
    await second!.group.abort(new Error('broken'));
    first!.parameters[0]!.sum().backward();
    await expect(first!.parallel.finish()).rejects.toMatchObject({ code: 'ERR_PEER_LOST', rank: 1 });
  });
});
