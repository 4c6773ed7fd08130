const FULL = '━';
const HEAD = '╸';
const STEPS = '▁▂▃▄▅▆▇█';

/** A bar of `width` characters of which `share` (0 to 1) is done; `done` and `rest` may colour their part. */
export function progressBar(share: number, width: number, done = plain, rest = plain): string {
  const filled = Math.min(width, Math.floor(share * width));
  const head = filled < width && share > 0 ? HEAD : '';
  return done(FULL.repeat(filled) + head) + rest(FULL.repeat(width - filled - head.length));
}

/** Draws values from 0 to the greatest of them, one character each. */
export function sparkline(values: readonly number[]): string {
  const greatest = Math.max(...values, Number.MIN_VALUE);
  return values.map((value) => STEPS[Math.min(7, Math.floor((Math.max(0, value) / greatest) * 8))]).join('');
}

function plain(text: string): string {
  return text;
}
