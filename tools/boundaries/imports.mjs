import { readFileSync, readdirSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import ts from 'typescript';
import { packages, root } from '../packages.mjs';

/** Imports in the src of a package of anything that its own package.json does not list, or of files outside of it. */
export function importViolations() {
  return packages.flatMap(({ folder, manifest }) => {
    const declared = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies };
    return sourceFiles(join(folder, 'src')).flatMap((file) =>
      importsOf(file)
        .map((specifier) => complaint(specifier, file, folder, declared))
        .filter((text) => text !== undefined)
        .map((text) => `${relative(root, file)}: ${text}`),
    );
  });
}

function complaint(specifier, file, folder, declared) {
  if (specifier.startsWith('.')) {
    const inside = resolve(dirname(file), specifier).startsWith(folder + sep);
    return inside ? undefined : `"${specifier}" leads out of the package`;
  }
  if (isBuiltin(specifier)) {
    return specifier.startsWith('node:') ? undefined : `"${specifier}" should be written "node:${specifier}"`;
  }
  const name = packageName(specifier);
  return Object.hasOwn(declared, name) ? undefined : `"${name}" is not in the dependencies of its package.json`;
}

function packageName(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** All specifiers of static, dynamic, re-exporting and type-only imports. */
function importsOf(file) {
  return ts.preProcessFile(readFileSync(file, 'utf8'), true, true).importedFiles.map(({ fileName }) => fileName);
}

function sourceFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?[jt]s$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}
