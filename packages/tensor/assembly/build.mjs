// Compiles assembly/index.ts twice, to build/kernels.strict.wasm and build/kernels.relaxed.wasm. Run by `npm run build`.
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const here = dirname(fileURLToPath(import.meta.url));
const build = join(here, '..', 'build');
const COMMON = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--sharedMemory', '--initialMemory', '1'];
const MEMORY = ['--maximumMemory', '65536'];

/** `base`: where the binary's constants lie in the heap; both binaries can be in use there. */
async function compile(variant, base, features) {
  const out = join(build, `kernels.${variant}.wasm`);
  const args = [join(here, 'index.ts'), '-o', out, ...COMMON, ...MEMORY, '--memoryBase', base, '--enable', features];
  const { error, stderr } = await asc.main(args, {});
  if (error) throw new Error(`${variant} kernels: ${error.message}\n${stderr}`);
}

await mkdir(build, { recursive: true });
await compile('strict', '1024', 'simd,threads,bulk-memory');
await compile('relaxed', '16384', 'simd,threads,bulk-memory,relaxed-simd');
