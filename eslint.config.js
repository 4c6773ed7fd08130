import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

// The layers between packages are checked by tools/check-boundaries.mjs. The import rules here keep each library, and
// each way of importing, in its own folder, where whoever writes the import sees the mistake at once.

const LIBRARY_HOMES = { ws: 'transport', msgpackr: 'wire', piscina: 'threads' }; // folders of packages/dist/src

const byName = [
  {
    group: ['@gradwire/*/*', '!@gradwire/*/package.json', '!@gradwire/nn/onnx'],
    message: 'Import packages by name, not by a deep path.',
  },
  {
    regex: String.raw`^(\.\./)+(packages/)?(tensor|nn|data|dist|cli)/(src|build)/`,
    message: 'Import other packages by name, not by a relative path.',
  },
];
const ownIndex = { regex: String.raw`^\.{1,2}/(\.\./)*index\.ts$`, message: 'Import the file itself, not the index.' };
const homeless = (allowed) =>
  Object.entries(LIBRARY_HOMES)
    .filter(([library]) => library !== allowed)
    .map(([library, home]) => ({ group: [library], message: `Only packages/dist/src/${home} imports ${library}.` }));

const restrictImports = (files, patterns) => ({ files, rules: { 'no-restricted-imports': ['error', { patterns }] } });

export default defineConfig(
  { ignores: ['**/build/**', '**/node_modules/**', '**/assembly/*.ts', '.nx/**', 'runs/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  tseslint.configs.recommended,
  {
    rules: {
      eqeqeq: 'error',
      'max-lines': ['warn', { max: 300, skipBlankLines: true, skipComments: true }],
      'no-undef': 'off', // the compiler and the tests know better which globals Node has
      'object-shorthand': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/triple-slash-reference': ['error', { path: 'always' }], // types that Node 20's lack
    },
  },
  { files: ['packages/*/src/index.ts'], rules: { 'max-lines': 'off' } }, // lists of exports
  restrictImports(['**/*'], byName),
  restrictImports(['packages/*/src/**'], [...byName, ownIndex, ...homeless()]),
  ...Object.entries(LIBRARY_HOMES).map(([library, home]) =>
    restrictImports([`packages/dist/src/${home}/**`], [...byName, ownIndex, ...homeless(library)]),
  ),
);
