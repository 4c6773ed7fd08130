import { corruptLine, dataFolder, findFile, readLines } from './text-lines.ts';

const TEST_SHARE = 10;
const LENGTH_MAX = 64;

/**
 * Given names of letters a to z, one a line in names.txt (plain or .gz) in `dir` or `dir`/names; without `dir`, in the
 * folder that GRADWIRE_DATA names. About one name in ten is for the test: a pure function of its letters, so that a name
 * that stands twice in the file is never on both sides.
 * Throws GradwireError: ERR_DATA_MISSING, ERR_DATA_TOO_LARGE, or ERR_DATA_CORRUPT with the line.
 */
export function names(dir?: string): { train: string[]; test: string[] } {
  const path = findFile(dataFolder('names', dir), 'names', 'names.txt');
  const all = readLines(path);
  if (all.length === 0) throw corruptLine(path, 1, 'there is no name');
  all.forEach((name, i) => {
    if (/^[a-z]+$/.test(name) && name.length <= LENGTH_MAX) return;
    const shown = JSON.stringify(name.slice(0, LENGTH_MAX));
    throw corruptLine(path, i + 1, `${shown} is no name of 1 to ${LENGTH_MAX} letters a to z`);
  });
  return splitNames(all);
}

/** The split of `names`, for any list. */
export function splitNames(all: readonly string[]): { train: string[]; test: string[] } {
  const isTest = (name: string) => fnv1a(name) % TEST_SHARE === 0;
  return { train: all.filter((name) => !isTest(name)), test: all.filter(isTest) };
}

/** The hash of Fowler, Noll and Vo, 32 bits. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
