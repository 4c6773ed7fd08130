import { describe, expect, it } from 'vitest';
import type { Tensor } from '../src/index.ts';
import { arange, conv3d, noGrad, ones, tensor, traceOperations, type TracedOperation } from '../src/index.ts';

function traced(fn: () => unknown): { operations: TracedOperation[]; changed: Tensor[] } {
  const [operations, changed]: [TracedOperation[], Tensor[]] = [[], []];
  traceOperations({ ran: (operation) => void operations.push(operation), changed: (x) => void changed.push(x) }, fn);
  return { operations, changed };
}

describe('traceOperations', () => {
  it('tells of operations with their inputs, outputs and settings, also without gradients', () => {
    const x = tensor([[1, -2]]);
    let y: Tensor | undefined;
    const { operations } = traced(() => noGrad(() => (y = x.relu().slice(1, 0, 1))));
    expect(operations.map(({ name }) => name)).toEqual(['relu', 'slice']);
    expect(operations[0].inputs).toEqual([x]);
    expect(operations[1].inputs).toEqual(operations[0].outputs);
    expect(operations[1].outputs).toEqual([y]);
    expect(operations[1].settings).toEqual([1, 0, 1, 1]);
  });

  it('tells of what has no gradient: comparisons, roundings, casts, places', () => {
    const x = tensor([3.5, 1]);
    const names = traced(() => [x.gt(2), x.floor(), x.to('int32'), x.argmax(), x.detach()]).operations.map(
      ({ name }) => name,
    );
    for (const name of ['gt', 'floor', 'to', 'argmax', 'same']) expect(names).toContain(name);
  });

  it('tells of an operation made of others after them, with the same result', () => {
    let y: Tensor | undefined;
    const { operations } = traced(() => (y = conv3d(ones([1, 1, 2, 2, 2]), ones([1, 1, 2, 2, 2]))));
    const makers = operations.filter(({ outputs }) => outputs.includes(y!));
    expect(makers.length).toBeGreaterThan(1);
    expect(makers.at(-1)!.name).toBe('convolution');
  });

  it('tells of changes in place', () => {
    const x = ones([2]);
    expect(traced(() => x.mul_(2)).changed).toEqual([x]);
  });

  it('listens only as long as the function runs, also where that throws', () => {
    const heard: string[] = [];
    const listener = { ran: ({ name }: TracedOperation) => void heard.push(name), changed: () => {} };
    expect(() =>
      traceOperations(listener, () => {
        arange(2).neg();
        throw new Error('stop');
      }),
    ).toThrow('stop');
    arange(2).neg();
    expect(heard).toEqual(['neg']);
  });
});
