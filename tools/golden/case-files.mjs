import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder of reference cases: GRADWIRE_GOLDEN, or `shared/golden` beside the repository; undefined if neither
 * is there.
 * @returns {string | undefined}
 */
export function goldenFolder() {
  const asked = process.env.GRADWIRE_GOLDEN;
  if (asked) return asked;
  const beside = fileURLToPath(new URL('../../../shared/golden', import.meta.url));
  return existsSync(beside) ? beside : undefined;
}

/**
 * Every .safetensors file below `folder`, sorted; `group` is the folder that it lies in, `title` its path without ending.
 * Throws if there is no such folder.
 * @param {string} folder
 * @returns {{ file: string, group: string, title: string }[]}
 */
export function caseFiles(folder) {
  if (!existsSync(folder)) throw new Error(`golden: there is no folder ${folder}; GRADWIRE_GOLDEN must name one`);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.safetensors'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => {
      const title = relative(folder, file).slice(0, -'.safetensors'.length);
      return { file, group: dirname(title), title };
    });
}
