import type { ParallelSplits, ParallelTexts } from './parallel-texts.ts';
import { corruptLine, dataFolder, findFile, readLines } from './text-lines.ts';

export type Multi30kLanguage = 'de' | 'en' | 'fr';

/**
 * Multi30k (Elliott et al. 2016): captions of 31,014 images in English with translations, 29,000 to train and the 1,000 of
 * the year 2016 to test; lower-cased, and tokens (words and signs) parted by single spaces. From the files
 * train.lc.norm.tok.LANGUAGE and test_2016_flickr.lc.norm.tok.LANGUAGE, plain or .gz, in `dir`, `dir`/multi30k, or the
 * folder `tok` of either; without `dir`, in the folder that GRADWIRE_DATA names.
 * Throws GradwireError: ERR_DATA_MISSING, ERR_DATA_TOO_LARGE, or ERR_DATA_CORRUPT with the line.
 */
export function multi30k(
  dir?: string,
  { source = 'de', target = 'en' }: { readonly source?: Multi30kLanguage; readonly target?: Multi30kLanguage } = {},
): ParallelSplits {
  const folder = dataFolder('multi30k', dir);
  const split = (name: string): ParallelTexts => {
    const [sourcePath, targetPath] = [source, target].map((language) =>
      findFile(folder, 'multi30k', `${name}.lc.norm.tok.${language}`, 'tok'),
    );
    const [sources, targets] = [sourcePath!, targetPath!].map(readSentences);
    if (sources!.length !== targets!.length) {
      const line = Math.min(sources!.length, targets!.length) + 1;
      throw corruptLine(targetPath!, line, `it has ${targets!.length} lines, ${sourcePath} has ${sources!.length}`);
    }
    return { sources: sources!, targets: targets! };
  };
  return { train: split('train'), test: split('test_2016_flickr') };
}

function readSentences(path: string): string[] {
  const lines = readLines(path).map((line) => line.trim().replace(/\s+/g, ' '));
  const empty = lines.indexOf('');
  if (lines.length === 0 || empty >= 0) throw corruptLine(path, Math.max(empty, 0) + 1, 'there is no sentence');
  return lines;
}
