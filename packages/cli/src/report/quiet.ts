import type { Reporter } from './reporter.ts';

/** Lets only the end of a run through to `reporter`, and every line that is no event. */
export function quiet(reporter: Reporter): Reporter {
  return {
    event: (event) => {
      if (event.event === 'done' || event.event === 'error') reporter.event(event);
    },
    line: (text) => reporter.line(text),
    close: () => reporter.close(),
  };
}
