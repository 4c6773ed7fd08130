const LINE_CHARACTERS_MAX = 64 * 1024;

/**
 * Cuts a stream of text into lines and hands each on without its line end.
 * `end` hands on what is left of an unfinished line. A line longer than 64 Ki characters is cut there.
 */
export function splitLines(onLine: (line: string) => void): { push(text: string): void; end(): void } {
  let rest = '';
  return {
    push(text) {
      const lines = (rest + text).split(/\r?\n/);
      rest = lines.pop() ?? '';
      lines.forEach(onLine);
      if (rest.length > LINE_CHARACTERS_MAX) {
        onLine(rest);
        rest = '';
      }
    },
    end() {
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
