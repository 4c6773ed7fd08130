import { GradwireError } from '@gradwire/tensor';
import { newRunToken } from '../transport/run-token.ts';
import { Child } from './child.ts';
import { rankEnvironment } from './environment.ts';
import type { Ending } from './first-cause.ts';
import { describeEnding, firstCause } from './first-cause.ts';
import { freePort } from './free-port.ts';

/** How long the others may take to report, after a first bad sign, before they are ended. */
const REPORT_MS = 1000;
const TERMINATE_MS = 2000;
const STOP_MS = 30_000;
const INTERRUPTED = 130;

/** What to start, how many of it, and who hears of it. */
export interface LaunchOptions {
  /** The compiled file that every process runs; it calls `followParent` first. */
  readonly entry: string;
  readonly args?: readonly string[];
  /** Added to this process's environment for each child; the run's own variables win. */
  readonly env?: Readonly<Record<string, string>>;
  readonly workers: number;
  readonly servers?: number;
  /** Aborting it asks all children to stop at a step boundary. */
  readonly signal?: AbortSignal;
  /** How long children may take for that before they are ended; 30 s by default. */
  readonly stopMs?: number;
  /** An event that a child sent. */
  onEvent?(rank: number, event: unknown): void;
  /** A line that a child printed, already marked with its rank. */
  onLine?(line: string): void;
}

/**
 * Starts the processes of a run on this machine and waits until all have ended.
 *
 * If one ends badly the others are ended within 5 s, and the promise rejects with the error that came first (its `cause`
 * is the stack in the child, if there is one). When
 * `signal` asks for a stop, children that leave with exit code 0 or 130 have ended well. No child outlives this process.
 */
export async function launchLocal(options: LaunchOptions): Promise<void> {
  const { workers, servers = 0 } = options;
  const world = { workers, servers, port: await freePort(), token: newRunToken() };
  await new LocalRun(options, (rank) => rankEnvironment(rank, world)).finished;
}

class LocalRun {
  readonly finished: Promise<void>;
  readonly #children: readonly Child[];
  /** Bad ends in the order in which they were noticed, up to the moment when this process began to end children. */
  readonly #causes = new Map<number, Ending>();
  readonly #timers: NodeJS.Timeout[] = [];
  #isEnding = false;
  #isStopping = false;

  constructor(options: LaunchOptions, environment: (rank: number) => Record<string, string>) {
    const { entry, args = [], env = {}, workers, servers = 0, stopMs = STOP_MS, signal } = options;
    const stop = () => this.#stop(stopMs);
    this.#children = Array.from({ length: workers + servers }, (_, rank) => {
      return new Child({
        rank,
        entry,
        args,
        env: { ...process.env, ...env, ...environment(rank) },
        onEvent: (from, event) => options.onEvent?.(from, event),
        onLine: (line) => options.onLine?.(line),
        onFailure: (from, failure) => this.#fail({ rank: from, exitCode: null, signal: null, failure }),
      });
    });
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
    this.finished = this.#finish().finally(() => signal?.removeEventListener('abort', stop));
  }

  async #finish(): Promise<void> {
    await Promise.all(this.#children.map(async ({ ended }) => this.#note(await ended)));
    this.#timers.forEach(clearTimeout);
    const cause = firstCause([...this.#causes.values()]);
    if (!cause) return;
    const { code = 'ERR_RANK_DIED', stack } = cause.failure ?? {};
    throw new GradwireError(code, describeEnding(cause), { cause: stack });
  }

  #note(ending: Ending): void {
    const isGood = ending.exitCode === 0 || (this.#isStopping && ending.exitCode === INTERRUPTED);
    if (!isGood) this.#fail(ending);
  }

  #fail(ending: Ending): void {
    if (this.#isEnding) return;
    if (!this.#causes.has(ending.rank)) this.#causes.set(ending.rank, ending);
    if (this.#causes.size === 1) this.#later(REPORT_MS, () => this.#endAll());
  }

  #stop(stopMs: number): void {
    this.#isStopping = true;
    for (const child of this.#children) child.stop();
    this.#later(stopMs, () => {
      for (const { rank } of this.#children.filter(({ isAlive }) => isAlive)) this.#fail(stuck(rank, stopMs));
      this.#endAll();
    });
  }

  #endAll(): void {
    this.#isEnding = true;
    for (const child of this.#children) child.kill('SIGTERM');
    this.#later(TERMINATE_MS, () => {
      for (const child of this.#children) child.kill('SIGKILL');
    });
  }

  #later(ms: number, action: () => void): void {
    this.#timers.push(setTimeout(action, ms));
  }
}

function stuck(rank: number, stopMs: number): Ending {
  const message = `did not reach the end of its step within ${stopMs / 1000} s of being asked to stop, and was ended`;
  return { rank, exitCode: null, signal: null, failure: { code: 'ERR_STOP_TIMEOUT', message } };
}
