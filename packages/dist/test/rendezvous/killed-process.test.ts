import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('./rank-process.mjs', import.meta.url));
const isBuilt = existsSync(fileURLToPath(new URL('../../build/index.js', import.meta.url)));

interface Line {
  type: 'summing' | 'done' | 'error';
  [field: string]: unknown;
}

/** A process of the group, and what it printed. */
class RankProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly #lines: Line[] = [];
  #arrived: () => void = () => {};

  constructor(environment: Record<string, string>) {
    this.child = spawn(process.execPath, [script], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    createInterface(this.child.stdout!).on('line', (line) => {
      this.#lines.push(JSON.parse(line) as Line);
      this.#arrived();
    });
    this.ended = new Promise((resolve) => this.child.once('close', (code) => resolve(code)));
  }

  async line(type: Line['type']): Promise<Line> {
    for (;;) {
      const found = this.#lines.find((line) => line.type === type);
      if (found) return found;
      await new Promise<void>((resolve) => (this.#arrived = resolve));
    }
  }
}

const processes: RankProcess[] = [];
afterEach(() => processes.splice(0).forEach(({ child }) => child.kill('SIGKILL')));

async function startRanks(worldSize: number, environment: Record<string, string>): Promise<RankProcess[]> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const run = {
    WORLD_SIZE: `${worldSize}`,
    MASTER_ADDR: '127.0.0.1',
    MASTER_PORT: `${port}`,
    GRADWIRE_TOKEN: 'secret',
  };
  const ranks = Array.from({ length: worldSize }, (_, rank) => rank);
  processes.push(...ranks.map((rank) => new RankProcess({ ...run, ...environment, RANK: `${rank}` })));
  return processes;
}

describe.skipIf(!isBuilt)('processes of one group (needs packages/dist/build)', () => {
  it('sum and end in peace', async () => {
    const ranks = await startRanks(3, { TEST_ELEMENTS: '100000', TEST_STEPS: '5' });
    expect(await Promise.all(ranks.map((rank) => rank.ended))).toEqual([0, 0, 0]);
    for (const rank of ranks) expect(await rank.line('done')).toMatchObject({ sum: 3 });
  });

  it.each([0, 1, 2])(
    'name rank %i when it is killed in the middle of a sum, and end',
    async (killed) => {
      const ranks = await startRanks(3, { TEST_ELEMENTS: '3000000' });
      await Promise.all(ranks.map((rank) => rank.line('summing')));
      ranks[killed]!.child.kill('SIGKILL');
      const survivors = ranks.filter((_, rank) => rank !== killed);
      for (const survivor of survivors) {
        expect(await survivor.line('error')).toMatchObject({
          name: 'PeerLostError',
          code: 'ERR_PEER_LOST',
          rank: killed,
        });
        expect(await survivor.ended).toBe(0);
      }
    },
    15_000,
  );

  it('name a stopped process', async () => {
    const ranks = await startRanks(2, { TEST_ELEMENTS: '1000' });
    await Promise.all(ranks.map((rank) => rank.line('summing')));
    ranks[1]!.child.kill('SIGSTOP');
    const error = await ranks[0]!.line('error');
    expect(error).toMatchObject({ rank: 1, message: expect.stringContaining('no sign of life for 10 s') });
  }, 25_000);
});
