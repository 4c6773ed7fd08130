import { splitLines } from './lines.ts';

/** A stream whose text was taken over, and how to give it back. */
export interface TakenOutput {
  /** The stream as it was, for the reporter alone. */
  readonly stream: NodeJS.WriteStream;
  restore(): void;
}

/**
 * Takes over a standard stream: from now on, whole lines that anybody else in this process prints to it go to `onLine`.
 * Without this a `console.log` in a training file would break JSON lines, or tear the picture on the terminal.
 */
export function takeOutput(original: NodeJS.WriteStream, onLine: (line: string) => void): TakenOutput {
  const write = original.write;
  const lines = splitLines(onLine);
  const stream = Object.create(original, { write: { value: write.bind(original) } }) as NodeJS.WriteStream;
  original.write = ((chunk: string | Uint8Array, ...rest: unknown[]) => {
    lines.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
    const callback = rest.at(-1);
    if (typeof callback === 'function') process.nextTick(callback as () => void);
    return true;
  }) as typeof write;
  return {
    stream,
    restore: () => {
      lines.end();
      original.write = write;
    },
  };
}
