import { describe, expect, it } from 'vitest';
import { readOptions, UsageError } from '../bench-options.mjs';
import { WORKLOADS } from '../workloads.mjs';

const complaint = (...words: string[]): string => {
  try {
    readOptions(words);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return 'none';
};

describe('options of the benchmark', () => {
  it('measures the step of every workload on one thread if nothing is said', () => {
    const { measurement, workloads, peers } = readOptions([]);
    expect({ measurement, peers }).toEqual({ measurement: 'steps', peers: false });
    expect(workloads).toEqual(Object.keys(WORKLOADS));
  });

  it('takes several names after --only, with commas or one by one, each once', () => {
    const { workloads } = readOptions([
      '--only',
      'lenet-b32,mlp-128-b32',
      '--only=lstm-128-b64',
      '--only',
      'lenet-b32',
    ]);
    expect(workloads).toEqual(['lenet-b32', 'mlp-128-b32', 'lstm-128-b64']);
  });

  it('reads numbers and switches', () => {
    const { threads, steps, rounds, json } = readOptions(['--threads', '2', '--steps=7', '--rounds', '1', '--json']);
    expect({ threads, steps, rounds, json }).toEqual({ threads: 2, steps: 7, rounds: 1, json: true });
    expect(readOptions(['--memory', '--peers'])).toMatchObject({ measurement: 'memory', peers: true });
  });

  it('names what there is when a name is unknown', () => {
    expect(complaint('--only', 'lenet')).toMatch(/^there is no workload "lenet"; there are mlp-128-b32, .*lenet-b32/);
    expect(complaint('--onyl', 'lenet-b32')).toMatch(/^there is no option --onyl; there are --only, --threads/);
    expect(complaint('lenet-b32')).toBe('unexpected word "lenet-b32"; name workloads with --only');
  });

  it('refuses values that mean nothing', () => {
    expect(complaint('--threads', '0')).toBe('--threads must be a whole number from 1 to 8, got "0"');
    expect(complaint('--rounds', 'x')).toMatch(/^--rounds must be a whole number/);
    expect(complaint('--threads')).toBe('--threads needs a value');
    expect(complaint('--only')).toBe('--only needs a value');
    expect(complaint('--peers=no')).toBe('--peers takes no value');
  });

  it('refuses options that do not go together', () => {
    expect(complaint('--start', '--memory')).toBe('--memory does not go with --start, only with --peers and --json');
    expect(complaint('--start', '--peers')).toBe('--start does not go with --peers, only with --json');
  });
});
