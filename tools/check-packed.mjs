// Packs every package, installs the tarballs in an empty folder and uses them as a stranger would. Run after a build:
// node tools/check-packed.mjs
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packages } from './packages.mjs';
import { install, pack } from './packed/install.mjs';
import { checkExports } from './packed/exports.mjs';
import { checkBin, checkImports, checkTypes } from './packed/use.mjs';

const NETWORK_FREE = ['@gradwire/tensor', '@gradwire/nn'];
const THREADS_AND_SOCKETS = ['ws', 'msgpackr', 'piscina', 'nx'];

const temporary = mkdtempSync(join(tmpdir(), 'gradwire-packed-'));
try {
  const tarballs = pack(packages, temporary);

  const everything = install(tarballs.values(), join(temporary, 'everything'));
  for (const name of tarballs.keys()) checkExports(join(everything, 'node_modules', name));
  checkImports(everything, tarballs.keys());
  checkTypes(everything);
  checkBin(everything);

  const few = install(
    NETWORK_FREE.map((name) => tarballs.get(name)),
    join(temporary, 'tensor-and-nn'),
  );
  checkImports(few, NETWORK_FREE);
  const installed = readdirSync(join(few, 'node_modules'));
  const unwanted = THREADS_AND_SOCKETS.filter((name) => installed.includes(name));
  if (unwanted.length > 0)
    throw new Error(`packed: ${NETWORK_FREE.join(' and ')} brought ${unwanted.join(', ')} along`);

  console.log(`packed: ${[...tarballs.keys()].join(', ')} install, import, type-check and run from their tarballs`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(temporary, { recursive: true });
}
