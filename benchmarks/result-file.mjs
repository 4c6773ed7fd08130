import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machine, machineName } from './machine.mjs';

const folder = fileURLToPath(new URL('results', import.meta.url));

/** Writes a comparison with its rounds into results/DATE-MACHINE.json, or …-2.json if that is there; returns the path. */
export function writeResults(results) {
  const own = machine();
  const date = new Date().toISOString().slice(0, 10);
  const path = freePath(`${date}-${machineName(own)}`);
  const measured = results.map(({ name, line, rounds }) => ({ name, ...line, rounds }));
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, `${JSON.stringify({ date, machine: own, unit: 'ms of a step', results: measured }, null, 2)}\n`);
  return relative('.', path);
}

function freePath(name) {
  for (let run = 1; ; run++) {
    const path = join(folder, `${name}${run === 1 ? '' : `-${run}`}.json`);
    if (!existsSync(path)) return path;
  }
}
