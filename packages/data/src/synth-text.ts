import { Generator, GradwireError } from '@gradwire/tensor';
import { splitText, type TextSplits } from './text-splits.ts';

const PARTS: Readonly<Record<string, readonly string[]>> = {
  sentence: [
    'The NOUN VERB the NOUN.',
    'WHEN the NOUN VERB, a ADJECTIVE NOUN VERB too.',
    'Is the NOUN ADJECTIVE? ANSWER.',
  ],
  NOUN: ['old miller', 'river', 'red fox', 'harbour', 'clockmaker', 'storm', 'little boat', 'baker', 'lantern', 'owl'],
  VERB: ['waits for', 'finds', 'follows', 'remembers', 'sings to', 'wakes', 'guards', 'forgets'],
  ADJECTIVE: ['quiet', 'bright', 'tired', 'cold', 'merry', 'hidden'],
  WHEN: ['At night', 'In winter', 'Before dawn', 'After the rain'],
  ANSWER: ['Nobody knows', 'Ask the owl', 'Only in spring', 'It was, once'],
};

export interface SynthTextOptions {
  readonly seed?: number;
  /** Sentences, one a line; 1,000 by default, about 40 KB. */
  readonly sentences?: number;
}

/**
 * Plain English sentences from a small grammar, one a line: a text to try a language model on. The same for the same
 * seed. The first 90 % are to learn from. Throws GradwireError ERR_DATA_OPTION.
 */
export function synthText({ seed = 1, sentences = 1000 }: SynthTextOptions = {}): TextSplits {
  if (!Number.isInteger(sentences) || sentences < 1) {
    throw new GradwireError('ERR_DATA_OPTION', `synthText: sentences must be a whole number above 0, got ${sentences}`);
  }
  const generator = new Generator(seed);
  const choose = (part: string): string => {
    const phrases = PARTS[part]!;
    return phrases[Math.floor(generator.uniform() * phrases.length)]!.replace(/[A-Z]{2,}/g, choose);
  };
  return splitText(Array.from({ length: sentences }, () => `${choose('sentence')}\n`).join(''));
}
