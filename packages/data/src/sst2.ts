import { corruptLine, dataFolder, findFile, readLines } from './text-lines.ts';

/** Texts with their classes: labels[i] is that of texts[i]. */
export interface LabeledTexts {
  readonly texts: readonly string[];
  readonly labels: readonly number[];
}

const HEADER = 'sentence\tlabel';

/**
 * The two-class Stanford Sentiment Treebank (Socher et al. 2013) as GLUE splits it: lower-cased phrases of film reviews
 * with spaces between words, 1 for praise and 0 for blame. From train.tsv, dev.tsv and test.tsv, plain or .gz, in `dir`
 * or `dir`/sst2; without `dir`, in the folder that GRADWIRE_DATA names. Train is train.tsv followed by dev.tsv.
 * Throws GradwireError: ERR_DATA_MISSING, ERR_DATA_TOO_LARGE, or ERR_DATA_CORRUPT with the line.
 */
export function sst2(dir?: string): { train: LabeledTexts; test: LabeledTexts } {
  const folder = dataFolder('sst2', dir);
  const [train, dev, test] = ['train', 'dev', 'test'].map((split) =>
    readLabeledTexts(findFile(folder, 'sst2', `${split}.tsv`)),
  );
  return {
    train: { texts: [...train.texts, ...dev.texts], labels: [...train.labels, ...dev.labels] },
    test,
  };
}

function readLabeledTexts(path: string): LabeledTexts {
  const [header, ...rows] = readLines(path);
  if (header !== HEADER) throw corruptLine(path, 1, `its header is ${shown(header)}, expected ${shown(HEADER)}`);
  if (rows.length === 0) throw corruptLine(path, 2, 'no sentence follows the header');
  const texts: string[] = [];
  const labels: number[] = [];
  rows.forEach((row, i) => {
    const [text, label, ...rest] = row.split('\t');
    if (!text?.trim() || rest.length > 0 || (label !== '0' && label !== '1')) {
      throw corruptLine(path, i + 2, `${shown(row)} is no sentence, tab, and label 0 or 1`);
    }
    texts.push(text.trim());
    labels.push(Number(label));
  });
  return { texts, labels };
}

/** Quoted, and cut where it is long. */
function shown(text: string | undefined): string {
  return JSON.stringify((text ?? '').slice(0, 60));
}
