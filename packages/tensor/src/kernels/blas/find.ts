/** Where a BLAS may lie: the names of those that Gradwire knows, in the folders of the system. */
import { readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** From the fastest to the slowest. The reference BLAS is not here: WebAssembly is faster. */
const NAMES: Partial<Record<NodeJS.Platform, RegExp[]>> = {
  linux: [/^libmkl_rt\.so/, /^libopenblas\.so/, /^libblis\.so/],
  darwin: [/^Accelerate$/, /^libopenblas\.dylib$/, /^libblis(\.\d+)?\.dylib$/],
  win32: [/^mkl_rt(\.\d+)?\.dll$/i, /^(lib)?openblas\.dll$/i],
};

const FOLDERS: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: [
    '/usr/local/lib',
    '/usr/lib/x86_64-linux-gnu',
    '/usr/lib/aarch64-linux-gnu',
    '/usr/lib64',
    '/usr/lib',
    '/opt/intel/oneapi/mkl/latest/lib',
  ],
  darwin: [
    '/System/Library/Frameworks/Accelerate.framework',
    '/opt/homebrew/opt/openblas/lib',
    '/usr/local/opt/openblas/lib',
  ],
};

/** Paths of the libraries on this machine that look like a BLAS, the preferred first. */
export function findBlas(platform = process.platform, folders = searchPath(platform)): string[] {
  const paths = folders.flatMap((folder) => namesIn(folder).map((name) => ({ name, path: join(folder, name) })));
  return (NAMES[platform] ?? []).flatMap((known) =>
    paths.filter(({ name }) => known.test(name)).map(({ path }) => path),
  );
}

function searchPath(platform: NodeJS.Platform): string[] {
  const variable = { linux: 'LD_LIBRARY_PATH', darwin: 'DYLD_LIBRARY_PATH', win32: 'PATH' }[platform as 'linux'];
  const own = variable ? (process.env[variable] ?? '').split(delimiter).filter(Boolean) : [];
  return [...own, ...(FOLDERS[platform] ?? [])];
}

/** Sorted, so that the shorter name (libopenblas.so.0 before libopenblas.so.0.3) comes first; none where no folder is. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
