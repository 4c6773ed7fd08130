import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Ending } from './first-cause.ts';
import type { Failure, ParentMessage } from './messages.ts';
import { childMessage } from './messages.ts';

const LAST_WORDS_MS = 1000;

/** How one rank is started, and who hears of it. */
export interface ChildOptions {
  readonly rank: number;
  readonly entry: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  onEvent(rank: number, event: unknown): void;
  onLine(line: string): void;
  onFailure(rank: number, failure: Failure): void;
}

/** One running process of a local run. */
export class Child {
  readonly rank: number;
  /** How it ended; settles once its last message and line have been read. Never rejects. */
  readonly ended: Promise<Ending>;
  readonly #process: ChildProcess;

  constructor(options: ChildOptions) {
    this.rank = options.rank;
    this.#process = fork(options.entry, options.args, {
      env: options.env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced', // NaN and infinities survive, as they would not in JSON
    });
    this.#forwardOutput(options.onLine);
    let failure: Failure | undefined;
    this.#process.on('message', (value) => {
      const message = childMessage(value);
      if (message?.type === 'event') options.onEvent(this.rank, message.event);
      if (message?.type !== 'failure') return;
      failure = message.failure;
      options.onFailure(this.rank, failure);
    });
    this.ended = this.#end().then((ending) => ({ ...ending, ...(failure && { failure }) }));
  }

  get isAlive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Asks for an orderly stop at the next step boundary. */
  stop(): void {
    const message: ParentMessage = { type: 'stop' };
    // A channel that has closed belongs to a child that is ending anyway.
    if (this.#process.connected) this.#process.send(message, () => undefined);
  }

  kill(signal: NodeJS.Signals): void {
    if (this.isAlive) this.#process.kill(signal);
  }

  #forwardOutput(onLine: (line: string) => void): void {
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      if (stream) createInterface(stream).on('line', (line) => onLine(`[rank ${this.rank}] ${line}`));
    }
  }

  #end(): Promise<Ending> {
    return new Promise((resolve) => {
      const finish = (exitCode: number | null, signal: string | null) => resolve({ rank: this.rank, exitCode, signal });
      this.#process.once('close', finish);
      // A grandchild may hold the pipes open for ever after the child itself has gone.
      this.#process.once('exit', (exitCode, signal) => setTimeout(finish, LAST_WORDS_MS, exitCode, signal).unref());
      this.#process.once('error', (error) =>
        resolve({
          rank: this.rank,
          exitCode: null,
          signal: null,
          failure: { code: 'ERR_SPAWN', message: error.message },
        }),
      );
    });
  }
}
