import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitLines } from '../src/report/lines.ts';

describe('splitLines', () => {
  it('gives the same lines however the text was cut on its way', () => {
    const chunks = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\n') }));
    fc.assert(
      fc.property(chunks, (texts) => {
        const lines: string[] = [];
        const splitter = splitLines((line) => lines.push(line));
        texts.forEach((text) => splitter.push(text));
        splitter.end();
        expect(lines).toEqual(
          texts
            .join('')
            .match(/[^\n]*\n|[^\n]+$/g)
            ?.map((line) => line.replace('\n', '')) ?? [],
        );
      }),
    );
  });

  it('hands on an endless line in pieces instead of keeping all of it', () => {
    const lines: string[] = [];
    const splitter = splitLines((line) => lines.push(line));
    splitter.push('x'.repeat(70_000));
    expect(lines.map(({ length }) => length)).toEqual([70_000]);
    splitter.end();
    expect(lines).toHaveLength(1);
  });
});
