import type { Output, Reporter } from './reporter.ts';

/** Writes one JSON object a line to `output` and everything else to `other`. */
export function jsonLines(output: Output, other: Output): Reporter {
  return {
    event: (event) => void output.write(`${JSON.stringify(event)}\n`),
    line: (text) => void other.write(`${text}\n`),
    close: () => undefined,
  };
}
