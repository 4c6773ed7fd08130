import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BlockingSum } from '../../src/data-parallel/blocking-sum.ts';
import { freePort } from '../../src/launch/free-port.ts';
import { memoryGroups } from '../groups.ts';

const isBuilt = existsSync(new URL('../../build/index.js', import.meta.url));
const script = fileURLToPath(new URL('./blocking-sum-process.mjs', import.meta.url));

/** Runs so many ranks; what each printed, an object a line. */
async function ranks(size: number, dies: Record<number, string> = {}): Promise<unknown[][]> {
  const run = { WORLD_SIZE: `${size}`, MASTER_ADDR: '127.0.0.1', MASTER_PORT: `${await freePort()}` };
  const printed = Array.from({ length: size }, (_, rank) => {
    const own = { RANK: `${rank}`, GRADWIRE_TOKEN: 'of-this-test', TEST_DIES_AFTER: dies[rank] ?? '' };
    const child = spawn(process.execPath, [script], { env: { ...process.env, ...run, ...own } });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (more: string) => (text += more));
    return new Promise<unknown[]>((resolve) => {
      child.on('close', () =>
        resolve(
          text
            .split('\n')
            .slice(0, -1)
            .map((line) => JSON.parse(line) as unknown),
        ),
      );
    });
  });
  return Promise.all(printed);
}

it('BlockingSum leaves the numbers alone in a group of one, without a thread', async () => {
  const sums = await BlockingSum.join(memoryGroups(1)[0]!);
  const numbers = Float64Array.of(1, 2);
  sums.sum(numbers);
  await sums.close();
  expect([...numbers]).toEqual([1, 2]);
});

describe.skipIf(!isBuilt)('BlockingSum over processes (needs npm run build)', { timeout: 60_000 }, () => {
  it('gives every process the same sums while its thread waits, of any length', async () => {
    const printed = await ranks(3);
    const expected = [{ numbers: [0.1 + (0.2 + 3 * 0.1), 6] }, { last: 6 * 19_999 }];
    for (const lines of printed) expect(lines).toEqual(expected);
  });

  it('throws on the others when a process dies', async () => {
    const [survivor] = await ranks(2, { 1: '1' });
    expect(survivor).toEqual([{ code: 'ERR_PEER_LOST', message: expect.stringContaining('rank 1') as string }]);
  });
});
