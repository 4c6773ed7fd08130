import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const node = (script, args = [], env = {}) => ({ program: process.execPath, args: [here(script), ...args], env });

/** Gradwire on so many threads. A system is { name, processes }: the column in tables, and what `runSystem` takes. */
export function gradwire(threads) {
  if (threads === 1) return { name: 'Gradwire', processes: [node('gradwire/one-thread.mjs')] };
  return { name: `Gradwire, ${threads} threads`, processes: [node('gradwire/several-threads.mjs', [`${threads}`])] };
}
