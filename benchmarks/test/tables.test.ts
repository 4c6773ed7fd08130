import { expect, it } from 'vitest';
import { machineName } from '../machine.mjs';
import { ratioTable, speedTable } from '../tables.mjs';
import { median } from '../time-steps.mjs';

const result = (name: string, workload: string, ms: number) => ({ name, workload, line: { batch: 32, ms } });

const results = [
  result('BLAS', 'mlp', 0.25),
  result('WASM', 'mlp', 0.5),
  result('2 threads', 'mlp', 0.2),
  result('PyTorch', 'mlp', 0.4),
  result('jax-js', 'mlp', 1),
  result('BLAS', 'lenet', 4),
  result('WASM', 'lenet', 4),
  result('PyTorch', 'lenet', 3200),
];

it('shows the examples per second of each system, and a dash where it has none', () => {
  expect(speedTable(results).split('\n')).toEqual([
    'examples per second     BLAS    WASM  2 threads  PyTorch  jax-js',
    'mlp                  128,000  64,000    160,000   80,000  32,000',
    'lenet                  8,000   8,000          –     10.0       –',
  ]);
});

it('compares the kernels with PyTorch, WebAssembly with other JavaScript, and threads with one', () => {
  expect(ratioTable(results).split('\n')).toEqual([
    'times as fast  BLAS ÷ PyTorch  WASM ÷ PyTorch  WASM ÷ jax-js  2 threads ÷ BLAS',
    'mlp                     1.60×           0.80×          2.00×             1.25×',
    'lenet                 800.00×         800.00×              –                 –',
  ]);
});

it('compares threads with one thread of WebAssembly where there is no BLAS', () => {
  const withoutBlas = results.filter(({ name }) => name !== 'BLAS');
  expect(ratioTable(withoutBlas).split('\n')[0]).toContain('2 threads ÷ WASM');
});

it('takes the middle of an odd number of values as median, whatever their order', () => {
  const values = [10, 9, 2, 1, 5];
  expect(median(values)).toBe(5);
  expect(values).toEqual([10, 9, 2, 1, 5]);
});

it('names a machine by its processor and cores', () => {
  const name = machineName({ cpu: 'Intel(R) Xeon(R) CPU @ 2.20GHz', cores: 2 });
  expect(name).toBe('intel-xeon-cpu-2-20ghz-2-cores');
});
