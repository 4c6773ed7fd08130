import type { Module } from '@gradwire/nn';
import { step } from '@gradwire/tensor';
import { expect, it } from 'vitest';
import { trainingOf } from '../gradwire/training.mjs';
import { WORKLOADS } from '../workloads.mjs';

/** As PyTorch counts those of its own networks. */
const PARAMETERS: Readonly<Record<string, number>> = {
  'mlp-128-b32': 101_770,
  'mlp-128-b128': 101_770,
  'mlp-512-512-b128': 669_706,
  'lenet-b32': 61_706,
  'lenet-b128': 61_706,
  'cnn-32-64-b32': 1_199_882,
  'resnet20-b32': 272_474,
  'lstm-128-b64': 82_186,
  'charlm-d128-l2-t64-b16': 421_441,
  'charlm-d256-l4-t128-b8': 3_225_153,
};

it('knows as many workloads as PyTorch has', () => {
  expect(Object.keys(WORKLOADS)).toEqual(Object.keys(PARAMETERS));
});

it.each(Object.keys(PARAMETERS))('%s has as many parameters as in PyTorch, and each gets a gradient', (name) => {
  const { model, loss, examples } = trainingOf(name);
  const network: Module = model();
  const parameters = network.parameters();
  expect(parameters.reduce((sum, { size }) => sum + size, 0)).toBe(PARAMETERS[name]);
  step(() => loss(network, examples(2)).backward());
  expect(parameters.filter(({ grad }) => grad === null)).toEqual([]);
});
