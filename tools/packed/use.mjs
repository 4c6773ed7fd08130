import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../packages.mjs';

const CONSUMER = `
import { tensor, Tensor } from '@gradwire/tensor';
import { Linear, SGD, Sequential, crossEntropy } from '@gradwire/nn';
import { DataLoader } from '@gradwire/data';
import { joinGroup } from '@gradwire/dist';
import { defineTraining } from 'gradwire';

const model = new Sequential(new Linear(2, 3));
const loss: Tensor = crossEntropy(model.forward(tensor([[1, 2]])), tensor([0], { dtype: 'int32' }));
loss.backward();
new SGD(model.parameters(), { lr: 0.1 }).step();
export const used: unknown[] = [DataLoader, joinGroup, defineTraining];
// @ts-expect-error a learning rate is a number: the types must be real ones, not any
new SGD(model.parameters(), { lr: 'fast' });
`;

const COMPILER_OPTIONS = {
  module: 'nodenext',
  target: 'es2023',
  lib: ['es2023', 'esnext.disposable'],
  strict: true,
  skipLibCheck: false,
  noEmit: true,
  typeRoots: [join(root, 'node_modules/@types')],
  types: ['node'],
};

/** Imports each package by name and computes a gradient. */
export function checkImports(folder, names) {
  const imports = [...names].map(
    (name) => `if (Object.keys(await import('${name}')).length === 0) throw new Error('${name} is empty');`,
  );
  const gradient = `
    const { tensor } = await import('@gradwire/tensor');
    const w = tensor([[1, 2], [3, 4]], { requiresGrad: true });
    w.matmul(w).sum().backward();
    if (JSON.stringify(w.grad.toArray()) !== '[[7,11],[9,13]]') throw new Error('wrong gradient ' + w.grad);`;
  run(folder, [process.execPath, '--input-type=module', '--eval', [...imports, gradient].join('\n')]);
}

/** Type-checks a small program against the installed packages, their declarations included. */
export function checkTypes(folder) {
  writeFileSync(join(folder, 'consumer.ts'), CONSUMER);
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: COMPILER_OPTIONS, files: ['consumer.ts'] }),
  );
  run(folder, [process.execPath, join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]);
}

/** Runs the installed command. */
export function checkBin(folder) {
  const help = run(folder, [join(folder, 'node_modules/.bin/gradwire'), '--help']);
  if (!help.includes('train')) throw new Error(`packed: gradwire --help does not mention train:\n${help}`);
}

function run(cwd, [command, ...args]) {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  } catch (error) {
    throw new Error(`packed: ${command} failed in a project that only installed the tarballs\n${error.stdout}`, {
      cause: error,
    });
  }
}
