/** Tables of results, { name, workload, line } each: a row a workload, in the order in which they were measured. */

/** What is compared with what, by the names of systems; a ratio above 1 means that the first is faster. */
const RATIOS = [
  ['BLAS', 'PyTorch'],
  ['WASM', 'PyTorch'],
  ['WASM', 'tfjs-wasm'],
  ['WASM', 'jax-js'],
];

/** Examples per second, a column a system; "–" where it did not measure the workload. */
export function speedTable(results) {
  const names = namesIn(results);
  const cells = rowsOf(results, (speedOf) => names.map((name) => shown(speedOf(name))));
  return layOut([['examples per second', ...names], ...cells]);
}

/** How many times as fast one system is as another, for the pairs that were measured. */
export function ratioTable(results) {
  const names = namesIn(results);
  const pairs = [...RATIOS, ...threadRatios(names)].filter((pair) => pair.every((name) => names.includes(name)));
  const cells = rowsOf(results, (speedOf) => pairs.map(([a, b]) => ratio(speedOf(a), speedOf(b))));
  return layOut([['times as fast', ...pairs.map(([a, b]) => `${a} ÷ ${b}`)], ...cells]);
}

/** Several threads beside one of the same kernels, and beside PyTorch's processes. */
function threadRatios(names) {
  const one = names.includes('BLAS') ? 'BLAS' : 'WASM';
  const several = names.filter((name) => name.endsWith(' threads'));
  const processes = names.filter((name) => name.startsWith('PyTorch DDP'));
  return several.flatMap((name) => [one, ...processes].map((other) => [name, other]));
}

function namesIn(results) {
  return [...new Set(results.map(({ name }) => name))];
}

/** cellsOf gets a function from the name of a system to its examples per second, or undefined. */
function rowsOf(results, cellsOf) {
  const workloads = [...new Set(results.map(({ workload }) => workload))];
  return workloads.map((workload) => {
    const own = new Map(results.filter((result) => result.workload === workload).map(({ name, line }) => [name, line]));
    return [
      workload,
      ...cellsOf((name) => (own.has(name) ? (own.get(name).batch / own.get(name).ms) * 1000 : undefined)),
    ];
  });
}

function shown(speed) {
  if (speed === undefined) return '–';
  return speed < 100 ? speed.toFixed(1) : Math.round(speed).toLocaleString('en');
}

function ratio(speed, other) {
  return speed === undefined || other === undefined ? '–' : `${(speed / other).toFixed(2)}×`;
}

function layOut(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row) => row.map((text, i) => (i === 0 ? text.padEnd(widths[i]) : text.padStart(widths[i]))).join('  ');
  return rows.map(line).join('\n');
}
