import { describe, expect, it } from 'vitest';
import * as checks from '../src/diagnosis/checks.ts';
import { reachesItself } from '../src/diagnosis/loopback.ts';

const GIB = 2 ** 30;

describe('the checks of gradwire doctor', () => {
  it('accept a machine as it should be', () => {
    const findings = [
      checks.checkNode('22.18.0'),
      checks.checkSimd('relaxed'),
      checks.checkCores(8, 'Some CPU '),
      checks.checkMemory(16 * GIB, 0),
      checks.checkHeap(4 * GIB),
      checks.checkLoopback(undefined),
      checks.checkBlas({ path: '/usr/lib/libopenblas.so.0', reason: 'found' }),
    ];
    expect(findings.filter(({ advice }) => advice)).toEqual([]);
    expect(findings.map(({ found }) => found)).toEqual([
      '22.18.0',
      'relaxed SIMD',
      '8 × Some CPU',
      '16 GiB',
      '4 GiB',
      'a port can be opened and reached',
      '/usr/lib/libopenblas.so.0',
    ]);
  });

  it('say what to do about what is not right', () => {
    expect(checks.checkNode('20.18.3').advice).toBe('install Node 20.19 or newer');
    expect(checks.checkNode('18.20.0').advice).toBeDefined();
    expect(checks.checkSimd('strict').advice).toContain('a newer Node');
    expect(checks.checkSimd('reference').advice).toContain('very slow');
    expect(checks.checkCores(1).advice).toBeDefined();
    expect(checks.checkMemory(16 * GIB, GIB / 2)).toMatchObject({
      found: '512 MiB of 16 GiB',
      advice: expect.stringMatching(/memory/) as string,
    });
    expect(checks.checkHeap('no memory').advice).toBe('it could not be made: no memory');
    expect(checks.checkHeap(GIB / 4).advice).toContain('ulimit -v');
    expect(checks.checkLoopback('connect ECONNREFUSED').advice).toContain('firewall');
  });

  it('advise to install a BLAS where there is none, unless it was switched off', () => {
    const missing = checks.checkBlas({ path: null, reason: 'no library found' });
    expect(missing.found).toBe('none (no library found)');
    expect(missing.advice).toContain('install OpenBLAS');
    expect(checks.checkBlas({ path: null, reason: 'GRADWIRE_BLAS=off' }).advice).toBeUndefined();
  });
});

describe('reachesItself', () => {
  it('succeeds on this machine', async () => {
    await expect(reachesItself()).resolves.toBeUndefined();
  });
});
