import { describe, expect, it } from 'vitest';
import { defineTraining } from '../src/define-training.ts';
import { parseOverrides } from '../src/overrides.ts';
import type { TrainFlags } from '../src/run-config.ts';
import { parseRunConfig, resolveRun } from '../src/run-config.ts';

const never = (): never => {
  throw new Error('not called in these tests');
};
const definition = defineTraining({
  data: never,
  model: never,
  loss: never,
  optimizer: never,
  epochs: 3,
  batchSize: 128,
});
const here = { cores: 8, directory: '/home/me', env: {} };
const resolve = (flags: TrainFlags = {}, set: string[] = [], surroundings = here) =>
  resolveRun('nets/mnist.ts', definition, flags, parseOverrides(set), surroundings);

describe('resolveRun', () => {
  it('uses all cores of this machine by default and names the run directory after the file', () => {
    expect(resolve()).toEqual({
      file: '/home/me/nets/mnist.ts',
      epochs: 3,
      batchSize: 128,
      seed: 1,
      threads: 8,
      nproc: 1,
      servers: 0,
      strategy: 'all-reduce',
      shards: 8,
      runDir: '/home/me/runs/mnist',
      resume: false,
    });
  });

  it('shares the cores among processes, at least one worker each', () => {
    expect(resolve({ nproc: 3 })).toMatchObject({ threads: 2, shards: 6 });
    expect(resolve({ nproc: 16 })).toMatchObject({ threads: 1, shards: 16 });
  });

  it('lets flags win over --set, and that over the file', () => {
    expect(resolve({ epochs: 7 }, ['epochs=5', 'batchSize=64'])).toMatchObject({ epochs: 7, batchSize: 64, seed: 1 });
  });

  it('takes the data folder from --data, else from GRADWIRE_DATA', () => {
    const surroundings = { ...here, env: { GRADWIRE_DATA: '/sets' } };
    expect(resolve({}, [], surroundings).dataDir).toBe('/sets');
    expect(resolve({ data: 'mine' }, [], surroundings).dataDir).toBe('/home/me/mine');
    expect(resolve({}, [], { ...here, env: { GRADWIRE_DATA: '' } as never }).dataDir).toBeUndefined();
  });

  it('starts one parameter server if the strategy asks for servers and no number does', () => {
    expect(resolve({ strategy: 'parameter-server' }).servers).toBe(1);
    expect(resolve({ strategy: 'parameter-server', servers: 2 }).servers).toBe(2);
    expect(() => resolve({ servers: 2 })).toThrow('--servers needs --strategy parameter-server');
  });

  it('refuses shards that do not divide among the workers, or that have no examples', () => {
    expect(() => resolve({ nproc: 2, threads: 2, shards: 6 })).toThrow(
      '--shards 6 does not divide evenly among 2 × 2 = 4 workers; take a multiple of 4',
    );
    expect(() => resolve({ shards: 256 })).toThrow('a batch of 128 examples cannot be cut into 256 shards');
  });
});

describe('parseOverrides', () => {
  it.each([
    ['epochs', '--set takes path=value, such as --set epochs=5; got "epochs"'],
    ['optimizer.lr=1', '--set optimizer.lr=1: "optimizer.lr" cannot be set; what can is epochs, batchSize, seed'],
    ['epochs=many', '--set epochs must be a whole number from 1 to 1000000, got "many"'],
    ['epochs=1e3', '--set epochs must be a whole number from 1 to 1000000, got "1e3"'],
    ['toString=1', '--set toString=1: "toString" cannot be set; what can is epochs, batchSize, seed'],
  ])('refuses %s', (text, sentence) => {
    expect(() => parseOverrides([text])).toThrow(sentence);
  });

  it('refuses to set the same value twice', () => {
    expect(() => parseOverrides(['seed=1', 'seed=2'])).toThrow('--set seed=2: seed is set twice');
  });
});

describe('parseRunConfig', () => {
  it('reads back what a launcher wrote', () => {
    const run = resolve({ data: 'mine', nproc: 2 });
    expect(parseRunConfig(JSON.stringify(run))).toEqual(run);
  });

  it('refuses anything else with the field and the value', () => {
    expect(() => parseRunConfig('')).toThrow('GRADWIRE_RUN: is not JSON');
    expect(() => parseRunConfig(JSON.stringify({ ...resolve(), threads: 0 }))).toThrow(
      'GRADWIRE_RUN: threads must be a whole number from 1 to 256, got 0',
    );
  });
});
