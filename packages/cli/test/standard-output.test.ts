import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { takeOutput } from '../src/report/standard-output.ts';

describe('takeOutput', () => {
  it('hands on whole lines that others print and leaves the stream to its new owner', () => {
    const original = new PassThrough().setEncoding('utf8') as unknown as NodeJS.WriteStream & PassThrough;
    const lines: string[] = [];
    const taken = takeOutput(original, (line) => lines.push(line));
    original.write('one\ntw');
    original.write(Buffer.from('o\nthree'));
    taken.stream.write('{"event":"start"}\n');
    expect(lines).toEqual(['one', 'two']);
    taken.restore();
    expect(lines).toEqual(['one', 'two', 'three']);
    original.write('back');
    expect(original.read()).toBe('{"event":"start"}\nback');
  });

  it('calls back writers as the stream itself would', async () => {
    const original = new PassThrough() as unknown as NodeJS.WriteStream;
    const taken = takeOutput(original, () => undefined);
    await new Promise<void>((resolve) => original.write('text', () => resolve()));
    await new Promise<void>((resolve) => original.write('text', 'utf8', () => resolve()));
    taken.restore();
  });
});
