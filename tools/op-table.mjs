// Writes docs/ops.md: every operation of @gradwire/tensor, what it gives, and its kernels, read from the sources; its
// gradient is what the sample calls of the tests prove.
//   node tools/op-table.mjs
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PACKAGE = new URL('../packages/tensor/', import.meta.url);
export const TABLE = new URL('../docs/ops.md', import.meta.url);

/**
 * What has no gradient, by the reason.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const WITHOUT_GRADIENT = {
  'gives no float': [
    ...['all', 'any', 'argmax', 'argmin', 'argsort', 'eq', 'ge', 'gt', 'isfinite', 'isnan', 'le', 'lt', 'ne'],
    ...['logicalAnd', 'logicalNot', 'logicalOr', 'logicalXor', 'multinomial'],
  ],
  'is flat almost everywhere': ['ceil', 'floor', 'round', 'sign', 'trunc'],
  'is cut off from the graph': ['detach'],
  'writes in place': ['accumulate', 'lambMoments', 'optimizerUpdate', 'squareSums'],
};

/** What is computed without kernels, on copies of the numbers. */
const IN_TYPESCRIPT = ['ctc', 'multinomial'];

const HEAD = `# Operations of @gradwire/tensor

Written by \`node tools/op-table.mjs\`; a test compares. Kernels exist three times: compiled to strict and to relaxed SIMD
(float32), and in plain TypeScript (every type, and the oracle of the tests). Operations without a kernel are views or made
of other operations, or computed in plain TypeScript. \`gradients.test.ts\` compares each gradient with central differences in
float64, and \`kernel-backends.test.ts\` the three backends with each other, on sample calls of each;
\`op-properties.test.ts\` does both on random calls, with inputs of any strides. The tolerances stand in docs/numerics.md.

| operation | what it gives | gradient | kernels |
|---|---|---|---|
`;

const read = (path) => readFileSync(new URL(path, PACKAGE), 'utf8');

/** The operations that users can call: methods of Tensor, and functions that index.ts takes from ops/. */
export function publicOperations() {
  const methods = read('src/methods.ts');
  const files = new Map(importsOf(methods, /import {([^}]*)} from '\.\/ops\/(.*)\.ts'/g));
  const renamed = { variance: 'var' };
  const asMethods = [...files].map(([source, file]) => ({ name: renamed[source] ?? source, source, file, on: 'x.' }));
  const asFunctions = importsOf(read('src/index.ts'), /export {([^}]*)} from '\.\/ops\/(.*)\.ts'/g)
    .filter(([source]) => !files.has(source))
    .map(([source, file]) => ({ name: source, source, file, on: '' }));
  return [...asMethods, ...asFunctions].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function importsOf(text, pattern) {
  return [...text.matchAll(pattern)].flatMap(([, names, file]) =>
    names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '' && !name.startsWith('type '))
      .map((name) => [name, file]),
  );
}

/** The functions of one file of ops/ by name: comment, body, and the file itself. */
function functionsIn(file) {
  const pattern = /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?(?:export )?function (\w+)\(([\s\S]*?)\n}\n/g;
  return new Map(
    [...read(`src/ops/${file}`).matchAll(pattern)].map(([, comment = '', name, body]) => [name, { comment, body }]),
  );
}

/** The text of docs/ops.md. */
export function opTable() {
  const files = new Map(
    readdirSync(new URL('src/ops/', PACKAGE), { recursive: true })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => [file.slice(0, -3), functionsIn(file)]),
  );
  const operations = publicOperations();
  const isPublic = new Set(operations.map(({ source, file }) => `${file}/${source}`));
  const samples = readdirSync(new URL('test/op-samples/', PACKAGE))
    .map((file) => read(`test/op-samples/${file}`))
    .join('');
  const rows = operations.map(({ name, source, file, on }) => {
    const kernels = [...kernelsOf(source, file, files, isPublic)].map((kernel) => `\`${kernel}\``).join(', ');
    const hasSamples = new RegExp(`(op: |\\[)'${name}'`).test(samples);
    const doc = firstSentence(files.get(file).get(source).comment);
    const gradient = hasSamples ? 'yes' : `none: ${reasonFor(name)}`;
    return `| \`${on}${name}\` | ${doc} | ${gradient} | ${kernels || (IN_TYPESCRIPT.includes(name) ? 'plain TypeScript' : 'of other operations')} |\n`;
  });
  return HEAD + rows.join('');
}

function reasonFor(name) {
  const [reason] = Object.entries(WITHOUT_GRADIENT).find(([, names]) => names.includes(name)) ?? ['not tested'];
  return reason;
}

/** The kernels that a function calls, by itself or through functions that are no operations of their own. */
function kernelsOf(name, file, files, isPublic, seen = new Set()) {
  const entry = files.get(file)?.get(name);
  if (!entry || seen.has(entry)) return new Set();
  seen.add(entry);
  const direct =
    /kernels\.(\w+)\(|(?:applyUnary|applyBinary|applyComparison|alongDim|compare|extreme|extremeOver|scattered)\('(\w+)'/g;
  const kernels = new Set([...entry.body.matchAll(direct)].map(([, called, named]) => called ?? named));
  if (/\b(gemm|batchedGemm)\(/.test(entry.body)) kernels.add('gemm');
  for (const [, other] of entry.body.matchAll(/\b(\w+Gradient|\w+(?=\())\b/g)) {
    const home = files.get(file).has(other) ? file : [...files.keys()].find((f) => files.get(f).has(other));
    // rowMajor copies only what is strided; that is no part of the operation.
    if (home === undefined || other === 'rowMajor' || isPublic.has(`${home}/${other}`)) continue;
    for (const kernel of kernelsOf(other, home, files, isPublic, seen)) kernels.add(kernel);
  }
  return kernels;
}

function firstSentence(comment) {
  const text = comment.replaceAll(/\n \* ?/g, ' ').trim();
  return text
    .split(/(?<!\bal)\. /)[0]
    .replace(/\.$/, '')
    .replaceAll('|', '\\|');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(TABLE, opTable());
