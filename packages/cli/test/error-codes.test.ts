import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

describe('docs/errors.md', () => {
  it('has a row for every error code of all packages, and for no other', () => {
    const packages = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name, 'src'));
    const used = new Set(packages.flatMap((folder) => sourceFiles(folder).flatMap(codesIn)));
    const documented = [...readFileSync(join(root, 'docs/errors.md'), 'utf8').matchAll(/^\| `(ERR_\w+)`/gm)];
    expect(documented.map(([, code]) => code)).toEqual([...used].sort());
  });
});

function sourceFiles(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.filter(({ name }) => name.endsWith('.ts')).map((entry) => join(entry.parentPath, entry.name));
}

function codesIn(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/'(ERR_[A-Z0-9_]+)'/g)].map(([, code]) => code!);
}
