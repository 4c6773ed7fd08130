import { execFile } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { isBuilt } from './gradwire-command.ts';

const script = fileURLToPath(new URL('./fixtures/own-loop-sync.mjs', import.meta.url));

/** Parameters and buffers at the end, as one rank has them. */
async function stateOf(env: Record<string, string> = {}): Promise<number[][]> {
  const { stdout } = await promisify(execFile)(process.execPath, [script], { env: { ...process.env, ...env } });
  return JSON.parse(stdout) as number[][];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

describe.skipIf(!isBuilt)('a loop of one’s own (needs npm run build)', { timeout: 60_000 }, () => {
  it('with SyncBatchNorm learns in two processes what it learns in one from the whole batches', async () => {
    const alone = await stateOf();
    const world = { WORLD_SIZE: '2', MASTER_ADDR: '127.0.0.1', MASTER_PORT: `${await freePort()}` };
    const ranks = ['0', '1'].map((RANK) => stateOf({ ...world, RANK, GRADWIRE_TOKEN: 'of-this-test' }));
    const [first, second] = (await Promise.all(ranks)) as [number[][], number[][]];
    expect(second).toEqual(first);
    first.flat().forEach((value, i) => expect(Math.abs(value - alone.flat()[i]!)).toBeLessThan(1e-5));
    expect(alone.at(-3)).toEqual([10]); // batches tracked
  });
});
