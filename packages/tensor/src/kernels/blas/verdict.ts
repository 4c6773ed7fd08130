/** Whether a library can be trusted: found out by a process of its own, once; the user's cache folder remembers sound ones. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadKoffi } from './bind.ts';

const TIMEOUT_MS = 10_000;

/** undefined for a library whose products are right; else what is wrong with it, in a few words. */
export function faultOf(path: string): string | undefined {
  if (!existsSync(path)) return 'there is no such file';
  let version: string;
  try {
    ({ version } = loadKoffi());
  } catch {
    return 'the optional package koffi is not installed';
  }
  const mark = cacheFile(path, version);
  if (existsSync(mark)) return undefined;
  const fault = probe(path);
  if (fault === undefined) remember(mark);
  return fault;
}

function probe(path: string): string | undefined {
  const program = fileURLToPath(new URL('../../../build/kernels/blas/probe.js', import.meta.url));
  if (!existsSync(program)) return 'it cannot be tried before npm run build';
  const { status, signal, stderr, error } = spawnSync(process.execPath, [program, path], {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status === 0) return undefined;
  if (error) return `it could not be tried (${error.message})`;
  if (signal) return `it crashed (${signal})`;
  return stderr.trim().split('\n').at(-1) || `it crashed (exit code ${status})`;
}

/** The name changes with all that the verdict depends on. */
function cacheFile(path: string, koffiVersion: string): string {
  const real = realpathSync(path);
  const { size, mtimeMs } = statSync(real);
  const facts = [real, size, mtimeMs, koffiVersion, process.version, process.arch];
  const folder = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(folder, 'gradwire', `blas-${createHash('sha256').update(facts.join('\n')).digest('hex').slice(0, 16)}`);
}

/** Without a cache the next process finds out for itself. */
function remember(mark: string): void {
  try {
    mkdirSync(dirname(mark), { recursive: true });
    writeFileSync(mark, '');
  } catch {
    // a read-only home
  }
}
