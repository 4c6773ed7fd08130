import { z } from 'zod';

/** The whole numbers that a run is made of, with the least and the greatest that make sense. */
export const LIMITS = {
  epochs: [1, 1_000_000],
  batchSize: [1, 16_777_216],
  seed: [0, 4_294_967_295],
  threads: [1, 256],
  nproc: [1, 256],
  servers: [1, 256],
  shards: [1, 65_536],
} as const satisfies Record<string, readonly [number, number]>;

export type LimitedName = keyof typeof LIMITS;

/** Says what a value of this name must be: "must be a whole number from 1 to 256". */
export function mustBe(name: LimitedName): string {
  const [least, greatest] = LIMITS[name];
  return `must be a whole number from ${least} to ${greatest}`;
}

/** The schema of the whole number of this name. */
export function limited(name: LimitedName): z.ZodType<number> {
  const [least, greatest] = LIMITS[name];
  const error = mustBe(name);
  return z.int({ error }).min(least, { error }).max(greatest, { error });
}
