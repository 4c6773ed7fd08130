import { blas, kernelBackend } from '@gradwire/tensor';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gradwire, jaxJs, pytorch, pytorchDdp, tfjs } from './systems.mjs';

const folder = fileURLToPath(new URL('peers', import.meta.url));

/** All systems that can run here; says in one line each which cannot. Installs those written in JavaScript on first use. */
export function allSystems(threads) {
  const hasBlas = kernelBackend() === 'wasm+blas';
  if (!hasBlas) leaveOut('Gradwire with BLAS', blas().reason);
  const python = pythonWithTorch();
  if (python === undefined) leaveOut('PyTorch', 'no python3 here can import torch');
  const inJavaScript = installed();
  if (!inJavaScript) leaveOut('TensorFlow.js and jax-js', `npm could not install them into ${folder}`);
  return [
    ...(hasBlas ? [gradwire({ name: 'BLAS' })] : []),
    gradwire({ name: 'WASM', blas: 'off' }),
    gradwire({ name: `${threads} threads`, threads }),
    ...(python ? [pytorch(python), pytorchDdp(python, 2)] : []),
    ...(inJavaScript ? [tfjs(), jaxJs()] : []),
  ];
}

/** The first python3 that can import torch, or undefined. */
export function pythonWithTorch() {
  return ['python3', '/usr/bin/python3'].find((python) => {
    try {
      execFileSync(python, ['-c', 'import torch'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}

export function leaveOut(what, because) {
  console.error(`bench: ${what} is left out: ${because}`);
}

function installed() {
  if (existsSync(`${folder}/node_modules/@jax-js/jax`)) return true;
  console.error('bench: installing TensorFlow.js and jax-js into benchmarks/peers');
  const npm = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder];
  try {
    execFileSync('npm', npm, { stdio: ['ignore', 'ignore', 'inherit'] });
    return true;
  } catch {
    return false;
  }
}
