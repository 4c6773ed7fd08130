import { Generator, GradwireError } from '@gradwire/tensor';
import type { ParallelSplits, ParallelTexts } from './parallel-texts.ts';

type Gender = 'm' | 'f' | 'n';
type Case = 'subject' | 'object';
type Phrase = readonly [german: string, english: string];

const NOUNS: readonly (readonly [german: string, gender: Gender, english: string])[] = [
  ['hund', 'm', 'dog'],
  ['katze', 'f', 'cat'],
  ['pferd', 'n', 'horse'],
  ['vogel', 'm', 'bird'],
  ['frau', 'f', 'woman'],
  ['kind', 'n', 'child'],
  ['bäcker', 'm', 'baker'],
  ['lehrerin', 'f', 'teacher'],
  ['mädchen', 'n', 'girl'],
];
const ADJECTIVES: readonly Phrase[] = [
  ['klein', 'small'],
  ['alt', 'old'],
  ['schwarz', 'black'],
  ['müd', 'tired'],
  ['fröhlich', 'merry'],
];
const VERBS: readonly Phrase[] = [
  ['sieht', 'sees'],
  ['sucht', 'looks for'],
  ['findet', 'finds'],
  ['ruft', 'calls'],
  ['malt', 'paints'],
];
const PLACES: readonly Phrase[] = [
  ['im garten', 'in the garden'],
  ['am strand', 'on the beach'],
  ['vor dem haus', 'in front of the house'],
];
const CLAUSES: readonly Phrase[] = [
  ['weil es regnet', 'because it rains'],
  ['wenn die sonne scheint', 'when the sun shines'],
];
const ARTICLES: Readonly<Record<Case, Readonly<Record<Gender, string>>>> = {
  subject: { m: 'der', f: 'die', n: 'das' },
  object: { m: 'den', f: 'die', n: 'das' },
};

export interface SynthTranslationOptions {
  readonly seed?: number;
  /** Sentences to train; 1,000 by default. A tenth as many more are for the test. */
  readonly sentences?: number;
}

/**
 * German sentences from a small grammar with their English translations, in the form of `multi30k`: articles and endings
 * follow gender and case, and a place or clause in front turns subject and verb around in German only. The same for the same
 * seed; no test sentence is one of training. Throws GradwireError ERR_DATA_OPTION.
 */
export function synthTranslation({ seed = 1, sentences = 1000 }: SynthTranslationOptions = {}): ParallelSplits {
  if (!Number.isInteger(sentences) || sentences < 10 || sentences > 100_000) {
    throw new GradwireError(
      'ERR_DATA_OPTION',
      `synthTranslation: sentences must be a whole number from 10 to 100000, got ${sentences}`,
    );
  }
  const generator = new Generator(seed);
  const all = new Map<string, string>();
  while (all.size < sentences + Math.floor(sentences / 10)) all.set(...sentence(generator));
  const pairs = [...all];
  return { train: texts(pairs.slice(0, sentences)), test: texts(pairs.slice(sentences)) };
}

function sentence(generator: Generator): Phrase {
  const choose = <T>(list: readonly T[]): T => list[Math.floor(generator.uniform() * list.length)]!;
  const person = (role: Case): Phrase => {
    const [noun, gender, english] = choose(NOUNS);
    const article = ARTICLES[role][gender];
    if (generator.uniform() < 0.3) return [`${article} ${noun}`, `the ${english}`];
    const [adjective, quality] = choose(ADJECTIVES);
    const ending = role === 'object' && gender === 'm' ? 'en' : 'e';
    return [`${article} ${adjective}${ending} ${noun}`, `the ${quality} ${english}`];
  };
  const [subject, actor] = person('subject');
  const [verb, action] = choose(VERBS);
  const [object, thing] = person('object');
  const kind = generator.uniform();
  if (kind < 0.25) return [`${subject} ${verb} ${object} .`, `${actor} ${action} ${thing} .`];
  const isPlace = kind < 0.65;
  const [where, place] = choose(isPlace ? PLACES : CLAUSES);
  const comma = isPlace ? '' : ' ,';
  if (generator.uniform() < 0.5) {
    return [`${where}${comma} ${verb} ${subject} ${object} .`, `${place} , ${actor} ${action} ${thing} .`];
  }
  return [`${subject} ${verb} ${object}${comma} ${where} .`, `${actor} ${action} ${thing} ${place} .`];
}

function texts(pairs: readonly Phrase[]): ParallelTexts {
  return { sources: pairs.map(([german]) => german), targets: pairs.map(([, english]) => english) };
}
