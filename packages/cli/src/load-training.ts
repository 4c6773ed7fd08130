import { existsSync, mkdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { GradwireError } from '@gradwire/tensor';
import { createJiti } from 'jiti';
import type { Jiti } from 'jiti';
import { show } from './checked.ts';
import type { TrainingDefinition } from './define-training.ts';
import { isTrainingDefinition } from './define-training.ts';
import { describeError } from './describe-error.ts';
import { UsageError } from './usage-error.ts';

const CODE = 'ERR_TRAINING_FILE';
const OWN_PACKAGES = [
  'gradwire',
  '@gradwire/tensor',
  '@gradwire/nn/onnx',
  '@gradwire/nn',
  '@gradwire/data',
  '@gradwire/dist',
];

/** An error in a deep model must reach back to the line of the training file, past two lines of the stack a module. */
const STACK_LINES = 100;

let jiti: Jiti | undefined;

/**
 * Loads a training file, TypeScript or JavaScript, in the main thread or in a worker thread, and returns its default
 * export. Loading the same file again in the same thread gives the same object.
 *
 * Throws ERR_TRAINING_FILE: as UsageError if the file is missing or does not export a training, as GradwireError with
 * file and line if it cannot be read as TypeScript or throws while it runs.
 */
export async function loadTraining(file: string): Promise<TrainingDefinition> {
  Error.stackTraceLimit = STACK_LINES;
  const path = resolve(file);
  if (!existsSync(path) || !statSync(path).isFile()) {
    throw new UsageError(`${file}: there is no such training file; give the path of a .ts or .js file`, CODE);
  }
  const module = await importFile(file, path);
  if (module.default === undefined) {
    throw new UsageError(`${file}: has no default export; write "export default defineTraining({ … })"`, CODE);
  }
  if (!isTrainingDefinition(module.default)) {
    const sentence = `the default export is ${show(module.default)}, not the result of defineTraining`;
    throw new UsageError(`${file}: ${sentence}; write "export default defineTraining({ … })"`, CODE);
  }
  return module.default;
}

async function importFile(file: string, path: string): Promise<{ default?: unknown }> {
  jiti ??= createLoader();
  try {
    return await jiti.import(path);
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${file}: ${error.message}`, CODE, { cause: error });
    throw new GradwireError(CODE, `${file}: ${describeError(error)}`, { cause: error });
  }
}

/**
 * Node 20 cannot run TypeScript, and cannot be taught to in a worker thread by a flag; jiti compiles the user's files
 * and imports everything else natively. The aliases make the user's `import … from '@gradwire/tensor'` mean this very
 * installation wherever the file lies: with a second copy, tensors would live in a second heap.
 */
function createLoader(): Jiti {
  const require = createRequire(import.meta.url);
  const alias = Object.fromEntries(OWN_PACKAGES.map((name) => [name, require.resolve(name)]));
  return createJiti(import.meta.url, { alias, fsCache: compiledFolder(), interopDefault: false });
}

/** Compiled files are kept where nobody else can write, since they are run; false: there is no such folder. */
function compiledFolder(): string | false {
  const folder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'gradwire', 'compiled');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { uid, mode } = statSync(folder);
    const isOurs = process.platform === 'win32' || (uid === process.getuid?.() && (mode & 0o022) === 0);
    return isOurs && folder;
  } catch {
    return false;
  }
}
