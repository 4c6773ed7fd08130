import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Throws unless all that the package.json of an installed package points to is in the package, and its README too. */
export function checkExports(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const targets = [...leaves(manifest.exports), ...leaves(manifest.bin), './README.md'];
  const missing = targets.filter((target) => !existsSync(join(folder, target)));
  if (missing.length > 0) throw new Error(`packed: ${manifest.name} lacks ${missing.join(', ')}`);

  for (const bin of leaves(manifest.bin)) {
    if (!readFileSync(join(folder, bin), 'utf8').startsWith('#!')) throw new Error(`packed: ${bin} has no #! line`);
  }
  if (manifest.name === '@gradwire/tensor') checkKernels(folder);
}

/** The tensor package is of no use without its compiled kernels. */
function checkKernels(folder) {
  const binaries = readdirSync(join(folder, 'build'), { recursive: true }).filter((file) => file.endsWith('.wasm'));
  if (binaries.length < 2) throw new Error(`packed: @gradwire/tensor has ${binaries.length} of the two .wasm files`);
}

function leaves(value) {
  if (typeof value === 'string') return [value];
  return Object.values(value ?? {}).flatMap(leaves);
}
