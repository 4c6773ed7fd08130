import { basename, extname, resolve } from 'node:path';
import { z } from 'zod';
import { checked } from './checked.ts';
import type { TrainingDefinition } from './define-training.ts';
import type { LimitedName } from './limits.ts';
import { limited } from './limits.ts';
import type { Overrides } from './overrides.ts';
import { UsageError } from './usage-error.ts';

export type Strategy = 'all-reduce' | 'parameter-server';

/** Everything that decides a run, beside the training file's own functions; plain data, so it can go to other processes. */
export interface RunConfig {
  /** Absolute path of the training file. */
  readonly file: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  /** Workers in each process. */
  readonly threads: number;
  /** Processes that compute gradients. */
  readonly nproc: number;
  /** Processes that keep the parameters; 0 with all-reduce. */
  readonly servers: number;
  readonly strategy: Strategy;
  /** Logical shards of the global batch; a multiple of `nproc * threads`. */
  readonly shards: number;
  readonly dataDir?: string | undefined;
  readonly runDir: string;
  readonly resume: boolean;
}

/** What the command line said; what it did not say is absent. */
export interface TrainFlags extends Partial<Record<LimitedName, number>> {
  readonly strategy?: Strategy;
  readonly data?: string;
  readonly runDir?: string;
  readonly resume?: boolean;
}

/** What the surroundings offer. */
export interface Surroundings {
  readonly cores: number;
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const runConfigSchema: z.ZodType<RunConfig> = z.strictObject({
  file: z.string(),
  epochs: limited('epochs'),
  batchSize: limited('batchSize'),
  seed: limited('seed'),
  threads: limited('threads'),
  nproc: limited('nproc'),
  servers: z.int().min(0),
  strategy: z.enum(['all-reduce', 'parameter-server']),
  shards: limited('shards'),
  dataDir: z.string().optional(),
  runDir: z.string(),
  resume: z.boolean(),
});

/** Settles a run: flags come before `--set`, that before the training file, that before the defaults. */
export function resolveRun(
  file: string,
  definition: TrainingDefinition,
  flags: TrainFlags,
  overrides: Overrides,
  { cores, directory, env }: Surroundings,
): RunConfig {
  const path = resolve(directory, file);
  const nproc = flags.nproc ?? 1;
  const threads = flags.threads ?? Math.max(1, Math.floor(cores / nproc));
  const dataDir = flags.data ?? (env.GRADWIRE_DATA || undefined);
  const run: RunConfig = {
    file: path,
    epochs: flags.epochs ?? overrides.epochs ?? definition.epochs,
    batchSize: flags.batchSize ?? overrides.batchSize ?? definition.batchSize,
    seed: flags.seed ?? overrides.seed ?? definition.seed,
    threads,
    nproc,
    strategy: flags.strategy ?? 'all-reduce',
    servers: serverCount(flags),
    shards: flags.shards ?? nproc * threads,
    ...(dataDir !== undefined && { dataDir: resolve(directory, dataDir) }),
    runDir: resolve(directory, flags.runDir ?? `runs/${basename(path, extname(path))}`),
    resume: flags.resume ?? false,
  };
  checkShards(run);
  return run;
}

/** Reads a run that a launcher handed on as JSON text. */
export function parseRunConfig(text: string): RunConfig {
  const fail = (sentence: string) => new UsageError(`GRADWIRE_RUN: ${sentence}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fail('is not JSON; start runs with "gradwire train"');
  }
  return checked(runConfigSchema, value, fail);
}

function serverCount({ strategy, servers }: TrainFlags): number {
  if (strategy === 'parameter-server') return servers ?? 1;
  if (servers === undefined) return 0;
  throw new UsageError('--servers needs --strategy parameter-server; with all-reduce there are no servers');
}

function checkShards({ shards, nproc, threads, batchSize }: RunConfig): void {
  const workers = nproc * threads;
  if (shards % workers !== 0) {
    const layout = `${nproc} × ${threads} = ${workers} workers`;
    throw new UsageError(`--shards ${shards} does not divide evenly among ${layout}; take a multiple of ${workers}`);
  }
  if (shards > batchSize) {
    throw new UsageError(
      `a batch of ${batchSize} examples cannot be cut into ${shards} shards; take a larger batch, or fewer shards or workers`,
    );
  }
}
