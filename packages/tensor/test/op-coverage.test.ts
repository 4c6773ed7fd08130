import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { opTable, publicOperations, TABLE, WITHOUT_GRADIENT } from '../../../tools/op-table.mjs';
import * as tensorPackage from '../src/index.ts';
import { Tensor } from '../src/tensor.ts';
import { sampledOps } from './op-samples.ts';

/** Exports of the package that are functions but no operations on tensors. */
const NO_OPERATIONS = [
  ...['arange', 'empty', 'eye', 'fromTypedArray', 'full', 'linspace', 'ones', 'onesLike', 'rand', 'randint', 'randn'],
  ...['randperm', 'tensor', 'zeros', 'zerosLike'],
  ...['attachHeap', 'heapMemory', 'heapViews', 'memoryUsage', 'step'],
  ...['blas', 'defaultGenerator', 'kernelBackend', 'kernelVariant', 'manualSeed', 'record', 'useKernels'],
  ...['enableGrad', 'grad', 'gradcheck', 'gradgradcheck', 'markChanged', 'noGrad', 'traceOperations'],
  ...['checkpoint', 'isRecomputing'],
  ...['beginInner', 'endInner', 'hasInner', 'innerMark', 'isFleeting', 'keepOnly', 'seenByOthers'],
  ...['flatSlices', 'readsInputs', 'readsNothing', 'readsOutput', 'sizesOf'],
  ...['readNpy', 'readNpz', 'readSafetensors', 'readTorch', 'readTorchStateDict'],
  ...['writeNpy', 'writeNpz', 'writeSafetensors'],
];

/** Methods of Tensor that its class body holds: everything but operations. */
const OF_THE_CLASS = ['backward', 'bytes', 'checkAlive', 'data', 'gradTarget', 'handle', 'item'];
const OF_THE_CLASS_TOO = ['registerHook', 'retainGrad', 'requiresGrad_', 'toArray', 'toString', 'view'];

const isFunction = (value: unknown): boolean => typeof value === 'function' && !/^class/.test(String(value));

it('every operation that users can call has sample calls, or a reason to have no gradient', () => {
  const methods = Object.getOwnPropertyNames(Tensor.prototype).filter(
    (name) => name !== 'constructor' && !Object.getOwnPropertyDescriptor(Tensor.prototype, name)!.get,
  );
  const functions = Object.entries(tensorPackage).flatMap(([name, value]) => (isFunction(value) ? [name] : []));
  const known = [...NO_OPERATIONS, ...OF_THE_CLASS, ...OF_THE_CLASS_TOO, ...Object.values(WITHOUT_GRADIENT).flat()];
  const operations = [...methods, ...functions].filter((name) => !known.includes(name));
  expect(operations.filter((name) => !sampledOps.includes(name))).toEqual([]);
});

it('no operation has samples that is unknown to users', () => {
  const names = publicOperations().map(({ name }) => name);
  expect(sampledOps.filter((name) => !names.includes(name))).toEqual([]);
});

it('docs/ops.md lists the operations as they are; node tools/op-table.mjs writes it anew', () => {
  expect(readFileSync(TABLE, 'utf8')).toBe(opTable());
});
