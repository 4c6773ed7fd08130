import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FreeList } from '../../src/heap/free-list.ts';

const TOTAL = 64;
const operations = fc.array(
  fc.oneof(
    fc.record({ take: fc.integer({ min: 1, max: 12 }) }),
    fc.record({ give: fc.nat() }), // which of the ranges in use comes back
  ),
  { maxLength: 60 },
);

it('never hands out a byte twice, loses none, and refuses only what no gap can hold', () => {
  const property = fc.property(operations, (all) => {
    const list = new FreeList();
    list.give(0, TOTAL);
    const inUse: { address: number; bytes: number }[] = [];
    const used = new Array<boolean>(TOTAL).fill(false);
    const mark = ({ address, bytes }: { address: number; bytes: number }, value: boolean): void => {
      for (let i = address; i < address + bytes; i++) {
        expect(used[i]).toBe(!value);
        used[i] = value;
      }
    };
    for (const operation of all) {
      if ('take' in operation) {
        const address = list.take(operation.take);
        const gaps = used
          .map((taken) => (taken ? 'x' : '.'))
          .join('')
          .split('x');
        const fits = gaps.some((gap) => gap.length >= operation.take);
        expect(address !== undefined).toBe(fits);
        if (address === undefined) continue;
        inUse.push({ address, bytes: operation.take });
        mark(inUse.at(-1)!, true);
      } else if (inUse.length > 0) {
        const [range] = inUse.splice(operation.give % inUse.length, 1);
        mark(range!, false);
        list.give(range!.address, range!.bytes);
      }
      expect(list.bytes).toBe(used.filter((taken) => !taken).length);
    }
    for (const { address, bytes } of inUse) list.give(address, bytes);
    expect(list.take(TOTAL)).toBe(0); // all gaps have grown together again
  });
  fc.assert(property, { numRuns: 300 });
});
