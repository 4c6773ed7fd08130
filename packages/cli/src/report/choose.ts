import { jsonLines } from './json-lines.ts';
import { plainLines } from './plain-lines.ts';
import { quiet } from './quiet.ts';
import type { Reporter } from './reporter.ts';
import { takeOutput } from './standard-output.ts';
import { terminal } from './terminal.ts';
import { version } from '../version.ts';

/** How the user wants to be told. */
export interface ReportFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/**
 * Makes the reporter that fits the flags and the streams: a picture on a terminal, plain lines elsewhere, JSON lines if
 * asked for. Until `release`, standard output belongs to it; on a terminal, standard error does so too.
 */
export function reportTo(
  stdout: NodeJS.WriteStream,
  stderr: NodeJS.WriteStream,
  flags: ReportFlags,
): { reporter: Reporter; release(): void } {
  const isPicture = stdout.isTTY && !flags.json && !flags.quiet;
  const onLine = (line: string) => reporter.line(line);
  const taken = takeOutput(stdout, onLine);
  const alsoTaken = isPicture && stderr.isTTY ? takeOutput(stderr, onLine) : undefined;
  const now = () => performance.now();
  const whole = () => {
    if (flags.json) return jsonLines(taken.stream, stderr);
    return isPicture ? terminal(taken.stream, version, now) : plainLines(taken.stream, stderr, version, now);
  };
  const reporter = flags.quiet ? quiet(whole()) : whole();
  return {
    reporter,
    release: () => {
      taken.restore();
      alsoTaken?.restore();
      reporter.close();
    },
  };
}
