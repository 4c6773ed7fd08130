/** Lays rows out in columns under their heads: the first `left` columns to the left, the others, numbers, to the right. */
export function table(heads: readonly string[], rows: readonly string[][], { left }: { left: number }): string {
  const all = [heads, ...rows];
  const widths = heads.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column < left ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ');
  return all.map((row) => `  ${line(row).trimEnd()}`).join('\n');
}
