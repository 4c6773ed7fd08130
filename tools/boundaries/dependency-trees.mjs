import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packages, readManifest, root } from '../packages.mjs';

const NETWORK_FREE = ['@gradwire/tensor', '@gradwire/nn'];
const FORBIDDEN = ['ws', 'msgpackr', 'piscina', 'nx'];

/** Packages that must stay free of threads and sockets, and yet reach such a library through their dependencies. */
export function dependencyTreeViolations() {
  return NETWORK_FREE.flatMap((name) =>
    dependencyTree(name)
      .filter(({ name: dependency }) => FORBIDDEN.includes(dependency))
      .map(({ path }) => `${name} must not depend on it: ${path.join(' → ')}`),
  );
}

function dependencyTree(start) {
  const seen = new Set();
  const tree = [];
  const visit = (name, path) => {
    if (seen.has(name)) return;
    seen.add(name);
    tree.push({ name, path });
    const { dependencies, optionalDependencies } = manifestOf(name);
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) visit(next, [...path, next]);
  };
  visit(start, [start]);
  return tree;
}

function manifestOf(name) {
  const own = packages.find(({ manifest }) => manifest.name === name);
  if (own) return own.manifest;
  const folder = join(root, 'node_modules', name);
  return existsSync(folder) ? readManifest(folder) : {}; // an optional dependency that is not installed here
}
