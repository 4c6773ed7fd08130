import { GradwireError } from '@gradwire/tensor';
import { Merger } from './bpe-merger.ts';
import { BpeTokenizer, FALLBACK_TOKENS, SPECIAL_TOKENS, wordsOf } from './bpe-tokenizer.ts';
import { countTokens } from './vocabulary.ts';

export interface TrainBpeOptions {
  /** Tokens in all: special ones, those of unknown characters, characters, merges. */
  readonly vocabularySize: number;
}

/**
 * Byte-pair encoding (Sennrich, Haddow & Birch 2016): begins with the characters of the texts and joins, again and again,
 * the most frequent pair of neighbours within words; among equally frequent ones the one that stands first in the texts.
 * Ends at vocabularySize tokens, or earlier if no pair is left that occurs twice. For a joint vocabulary of two languages
 * pass the texts of both. If there are more characters than room, the rarest are left out. Throws GradwireError
 * ERR_VOCABULARY if vocabularySize has no room for the special tokens and those of unknown characters.
 */
export function trainBpe(texts: Iterable<string>, { vocabularySize }: TrainBpeOptions): BpeTokenizer {
  const fixed = SPECIAL_TOKENS.length + FALLBACK_TOKENS.length;
  if (!Number.isInteger(vocabularySize) || vocabularySize < fixed) {
    throw new GradwireError(
      'ERR_VOCABULARY',
      `trainBpe: vocabularySize must be a whole number from ${fixed}, got ${vocabularySize}`,
    );
  }
  const words = countWords(texts);
  const characters = frequentCharacters(words, vocabularySize - fixed);
  const merges = new Merger(words, characters).run(vocabularySize - fixed - characters.length);
  return new BpeTokenizer({ characters, merges });
}

function countWords(texts: Iterable<string>): Map<string, number> {
  function* rows(): Iterable<string[]> {
    for (const text of texts) yield wordsOf(text);
  }
  return countTokens(rows());
}

/** The `room` most frequent characters; equally frequent ones in the order of their code points. */
function frequentCharacters(words: ReadonlyMap<string, number>, room: number): string[] {
  const counts = new Map<string, number>();
  for (const [word, count] of words) {
    for (const character of word) counts.set(character, (counts.get(character) ?? 0) + count);
  }
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || a.codePointAt(0)! - b.codePointAt(0)!);
  return sorted.slice(0, room).map(([character]) => character);
}
