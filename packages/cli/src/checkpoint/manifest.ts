import { z } from 'zod';
import { checked } from '../checked.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, { error: 'must be a sha256 in hexadecimal' });
const whole = z.int({ error: 'must be a whole number' }).min(0, { error: 'must be a whole number from 0' });
const plain: z.ZodType<PlainState> = z.record(z.string(), z.json());

/** Plain values that a training loop needs to continue, beside the tensors. */
export type PlainState = Record<string, z.core.util.JSONType>;

/** A part of such values that is an object; empty if it is something else. */
export function plainObject(value: PlainState[string] | undefined): PlainState {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as PlainState) : {};
}

/** Name and shape of a parameter or buffer. */
export interface NamedShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** What a checkpoint holds, and how to tell that it is whole. Written last, so it is there only if the files are. */
export interface Manifest {
  readonly format: 1;
  readonly step: number;
  readonly epoch: number;
  readonly seed: number;
  /** The model's signature: state-dict names and shapes, in order. */
  readonly model: readonly NamedShape[];
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
  readonly state: PlainState;
}

const manifestSchema: z.ZodType<Manifest> = z.strictObject({
  format: z.literal(1, { error: 'must be 1; a newer gradwire may have written it' }),
  step: whole,
  epoch: whole,
  seed: whole,
  model: z.array(z.strictObject({ name: z.string(), shape: z.array(whole) })),
  files: z.record(z.string().regex(/^[\w-]+\.safetensors$/), z.strictObject({ bytes: whole, sha256 }), {
    error: (issue) => (issue.code === 'invalid_key' ? 'must be a plain file name' : 'must be an object of files'),
  }),
  state: plain,
});

/** Reads a manifest from its text; `fail` makes the error. */
export function parseManifest(text: string, fail: (sentence: string) => Error): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fail('the manifest is not JSON');
  }
  return checked(manifestSchema, value, (sentence) => fail(`in the manifest, ${sentence}`));
}

/** Lists how two models differ, at most `limit` sentences; none if they are the same. */
export function modelDifferences(saved: readonly NamedShape[], wanted: readonly NamedShape[], limit = 3): string[] {
  const savedShapes = new Map(saved.map(({ name, shape }) => [name, show(shape)]));
  const wantedShapes = new Map(wanted.map(({ name, shape }) => [name, show(shape)]));
  const differences: string[] = [];
  for (const [name, shape] of wantedShapes) {
    const other = savedShapes.get(name);
    if (other === undefined) differences.push(`${name} ${shape} is not in the checkpoint`);
    else if (other !== shape) differences.push(`${name} is ${other} in the checkpoint but ${shape} in the model`);
  }
  for (const [name, shape] of savedShapes) {
    if (!wantedShapes.has(name)) differences.push(`${name} ${shape} is not in the model`);
  }
  const more = differences.length - limit;
  return more > 0 ? [...differences.slice(0, limit), `${more} more`] : differences;
}

function show(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
