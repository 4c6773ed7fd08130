import { readFileSync } from 'node:fs';
import { readSafetensors } from '@gradwire/tensor';

const KINDS = ['function', 'tensor', 'module', 'optimizer', 'scheduler', 'training'];

/** Reads one case: its spec (kind, name, args, rtol, atol …) and its tensors by name. */
export function readCase(file) {
  const { tensors, metadata } = readSafetensors(readFileSync(file));
  if (metadata.spec === undefined) throw new Error(`${file}: the metadata has no "spec"`);
  const spec = { args: {}, ...JSON.parse(metadata.spec) };
  if (!KINDS.includes(spec.kind)) throw new Error(`${file}: kind "${spec.kind}" is none of ${KINDS.join(', ')}`);
  if (!(spec.rtol >= 0 && spec.atol >= 0))
    throw new Error(`${file}: rtol ${spec.rtol} and atol ${spec.atol} must be >= 0`);
  return { spec, tensors };
}

/** The tensors called `prefix.KEY`, by KEY. */
export function named(tensors, prefix) {
  const start = `${prefix}.`;
  return new Map(
    [...tensors].filter(([name]) => name.startsWith(start)).map(([name, t]) => [name.slice(start.length), t]),
  );
}

/** The tensors called `prefix.0`, `prefix.1` …, in order. */
export function numbered(tensors, prefix) {
  const list = [];
  while (tensors.has(`${prefix}.${list.length}`)) list.push(tensors.get(`${prefix}.${list.length}`));
  return list;
}
