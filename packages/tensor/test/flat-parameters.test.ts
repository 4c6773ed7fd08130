import { describe, expect, it } from 'vitest';
import { tensor, zeros } from '../src/create.ts';
import { FlatParameters } from '../src/flat-parameters.ts';
import { memoryUsage } from '../src/heap/allocate.ts';
import '../src/methods.ts';
import type { Tensor } from '../src/tensor.ts';

const leaf = (data: Parameters<typeof tensor>[0]): Tensor => tensor(data, { requiresGrad: true });
const refusal = { code: 'ERR_FLAT' };

describe('FlatParameters', () => {
  it('keeps values and shapes, one parameter behind the other, each on a cache line', () => {
    const [a, b, c] = [
      leaf([
        [1, 2],
        [3, 4],
      ]),
      leaf(5),
      leaf(new Float32Array(17).fill(6)),
    ];
    const flat = FlatParameters.of([a, b, c]);
    expect([a.toArray(), b.item()]).toEqual([
      [
        [1, 2],
        [3, 4],
      ],
      5,
    ]);
    expect(flat.offsets).toEqual([0, 16, 32, 64]);
    expect(Array.from(flat.data.view().subarray(0, 17))).toEqual([1, 2, 3, 4, ...new Array(12).fill(0), 5]);
    expect([a, b, c].map(({ address }) => (address - flat.data.address) / 4)).toEqual([0, 16, 32]);
    expect(flat.data.address % 64).toBe(0);
    flat.data.view()[1] = 9;
    expect(a.toArray()).toEqual([
      [1, 9],
      [3, 4],
    ]);
  });

  it('gives back the memory in which the parameters and their gradients lay', () => {
    const before = memoryUsage().longLivedBytes;
    const parameter = leaf(new Float32Array(1024));
    parameter.sum().backward();
    FlatParameters.of([parameter]);
    const kept = memoryUsage().longLivedBytes - before;
    expect(kept).toBeLessThan(2 * 4096 + 1024); // values and gradients once; the sum and its seed
  });

  it('is the same object for the same list', () => {
    const list = [leaf([1]), leaf([2])];
    expect(FlatParameters.of([...list])).toBe(FlatParameters.of(list));
  });

  it('refuses another list with a parameter that it has, and leaves the new ones untouched', () => {
    const [a, b] = [leaf([1]), leaf([2])];
    FlatParameters.of([a]);
    const { address } = b;
    expect(() => FlatParameters.of([b, a])).toThrow(expect.objectContaining(refusal) as Error);
    expect(() => FlatParameters.of([b, a])).toThrow('parameter 1 is already part of another flat list');
    expect([b.address, b.item()]).toEqual([address, 2]);
  });

  it('refuses results, strided views, other types, and a parameter listed twice', () => {
    const a = leaf([[1, 2]]);
    expect(() => FlatParameters.of([a, a])).toThrow('the list names a parameter twice');
    expect(() => FlatParameters.of([a.mul(2)])).toThrow('must be a row-major float32 leaf, got a result');
    expect(() => FlatParameters.of([zeros([2, 3]).t()])).toThrow('got a strided view, float32');
    expect(() => FlatParameters.of([zeros([1], { dtype: 'float64' })])).toThrow('got float64');
  });

  it('collects gradients in one block, whether operations write or add them', () => {
    const [w, b] = [leaf([[1, 2]]), leaf([3])];
    const flat = FlatParameters.of([w, b]);
    tensor([[5, 6]])
      .matmul(w.t())
      .add(b.mul(4))
      .sum()
      .backward();
    expect([...flat.grad.view().subarray(0, 2), flat.grad.view()[16]]).toEqual([5, 6, 4]);
    expect(w.grad!.address).toBe(flat.grad.address);
    w.grad = null;
    expect(w.grad).toBeNull();
    w.sum().backward();
    expect([w.grad!.address, w.grad!.toArray()]).toEqual([flat.grad.address, [[1, 1]]]);
  });

  it('keeps gradients that were there before', () => {
    const [a, b] = [leaf([1, 2]), leaf([3])];
    a.mul(7).sum().backward();
    const flat = FlatParameters.of([a, b]);
    expect([a.grad!.toArray(), b.grad]).toEqual([[7, 7], null]);
    expect(flat.grad.view()[1]).toBe(7);
  });

  it('binds gradients to another block and back, as one thread does for each shard', () => {
    const parameter = leaf([1, 2]);
    const flat = FlatParameters.of([parameter]);
    const other = zeros([flat.data.size]);
    flat.bindGradients(other);
    parameter.mul(3).sum().backward();
    expect([other.view()[0], flat.grad.view()[0]]).toEqual([3, 0]);
    flat.bindGradients(flat.grad);
    expect(parameter.grad).toBeNull();
  });

  it('lets a second model of the same shapes live on the memory of the first', () => {
    const first = FlatParameters.of([leaf([1, 2]), leaf([3])]);
    const [a, b] = [leaf([0, 0]), leaf([0])];
    const second = FlatParameters.of([a, b]);
    second.attach(structuredClone(first.handle()));
    expect([a.toArray(), b.toArray()]).toEqual([[1, 2], [3]]);
    a.sum().backward();
    expect(first.grad.view()[1]).toBe(1);
    first.data.view()[16] = 8;
    expect(b.item()).toBe(8);
    expect(() => second.attach(FlatParameters.of([leaf(new Float32Array(40))]).handle())).toThrow(
      'FlatParameters: 48 shared elements do not fit parameters of 32',
    );
  });
});
