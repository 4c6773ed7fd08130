import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { chooseBlas } from '../src/kernels/blas/choose.ts';
import { findBlas } from '../src/kernels/blas/find.ts';
import { blas } from '../src/kernels/blas/sgemm.ts';
import { kernelBackend, useKernels } from '../src/kernels/dispatch.ts';
import { randn } from '../src/random/default-generator.ts';
import '../src/methods.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gradwire-blas-'));
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});
afterEach(() => useKernels('strict'));

describe('looking for a BLAS', () => {
  it('prefers MKL to OpenBLAS to BLIS, in the order of the folders, and takes nothing else', () => {
    for (const [where, names] of [
      ['one', ['libblis.so.4', 'libopenblas.so.0', 'libopenblas.a', 'libblas.so.3', 'libgslcblas.so.0']],
      ['two', ['libmkl_rt.so.2', 'libopenblas.so']],
    ] as const) {
      mkdirSync(join(folder, where));
      for (const name of names) writeFileSync(join(folder, where, name), '');
    }
    const found = findBlas('linux', [join(folder, 'absent'), join(folder, 'one'), join(folder, 'two')]);
    const expected = ['two/libmkl_rt.so.2', 'one/libopenblas.so.0', 'two/libopenblas.so', 'one/libblis.so.4'];
    expect(found).toEqual(expected.map((path) => join(folder, path)));
  });

  it('leaves a file out that is missing, or no library, and says why', () => {
    const text = join(folder, 'notes.so');
    writeFileSync(text, 'not a library');
    expect(chooseBlas(join(folder, 'absent.so'))).toEqual({
      path: null,
      reason: expect.stringMatching(/absent\.so: there is no such file$/) as string,
    });
    expect(chooseBlas(text)).toEqual({ path: null, reason: expect.stringMatching(/notes\.so: .+/) as string });
  });

  it('uses none where it is switched off', () => {
    expect(chooseBlas('off')).toEqual({ path: null, reason: 'GRADWIRE_BLAS=off' });
  });
});

describe.skipIf(!hasCompiler())('libraries that do not fit (needs a C compiler)', () => {
  const library = (name: string, source: string): string => {
    const path = join(folder, `${name}.so`);
    writeFileSync(join(folder, `${name}.c`), source);
    execFileSync('cc', ['-shared', '-fPIC', '-o', path, join(folder, `${name}.c`)]);
    return path;
  };

  it('do not end the process when they crash', () => {
    const { path, reason } = chooseBlas(library('crashing', 'void cblas_sgemm(void) { __builtin_trap(); }'));
    expect(path).toBeNull();
    expect(reason).toContain('it crashed (');
  });

  it('are left out when their products are wrong', () => {
    const { path, reason } = chooseBlas(library('idle', 'void cblas_sgemm(void) {}'));
    expect(path).toBeNull();
    expect(reason).toMatch(/its product of 1 × 1 and 1 × 1 is wrong/);
  });

  it('are left out when they have no cblas_sgemm', () => {
    const { path, reason } = chooseBlas(library('other', 'int other(void) { return 1; }'));
    expect(path).toBeNull();
    expect(reason).toContain('cblas_sgemm');
  });
});

describe.skipIf(blas().path === null)('a machine with a BLAS', () => {
  it('is named as the backend where it is used', () => {
    useKernels('relaxed', 1);
    expect(kernelBackend()).toBe('wasm+blas');
    useKernels('relaxed');
    expect(kernelBackend()).toBe('wasm');
  });

  it('gives the same bits for the same product, wherever the operands lie', () => {
    useKernels('relaxed', 1);
    const [a, b] = [randn([33, 47]), randn([47, 29])];
    const first = a.matmul(b).data();
    randn([5]); // moves what follows
    expect(a.clone().matmul(b.clone()).data()).toEqual(first);
  });
});

it.skipIf(blas().path !== null)('BLAS: none is on this machine, so its half of the tests is skipped', ({ skip }) => {
  skip();
});

function hasCompiler(): boolean {
  try {
    execFileSync('cc', ['--version'], { stdio: 'ignore' });
    return process.platform === 'linux';
  } catch {
    return false;
  }
}
