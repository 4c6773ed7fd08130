import { kernelBackend } from '@gradwire/tensor';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What lies between the kernels and a user: operations, products and a step; prints JSON lines. */
export function measure() {
  run('eager-overhead.mjs');
  const withoutBlas = { GRADWIRE_BLAS: 'off' };
  for (const env of kernelBackend() === 'wasm+blas' ? [{}, withoutBlas] : [withoutBlas]) {
    run('all-in-products.mjs', env);
    run('kernel-share.mjs', env);
  }
}

function run(script, env = {}) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { status } = spawnSync(process.execPath, [path], { stdio: 'inherit', env: { ...process.env, ...env } });
  if (status !== 0) throw new Error(`${script} ended with ${status}`);
}
