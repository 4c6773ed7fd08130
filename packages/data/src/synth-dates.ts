import { Generator, GradwireError } from '@gradwire/tensor';
import { DATE_FORMS, isoDate, partsOfDay } from './date-forms.ts';
import type { ParallelSplits, ParallelTexts } from './parallel-texts.ts';

export interface SynthDatesOptions {
  readonly seed?: number;
  readonly trainLength?: number;
  readonly testLength?: number;
}

const LENGTH_MAX = 1_000_000;
const FIRST_DAY = Date.UTC(1900, 0, 1) / 86_400_000;
const DAYS = Date.UTC(2100, 0, 1) / 86_400_000 - FIRST_DAY;
const TEST_SHARE = 10;

/**
 * SynthDates: days of 1900 to 2099 as people write them ("the third of March, 2019", "Tue, 5 Mar 2019", "2019/3/3"; some all
 * in small or all in capital letters), with their ISO form "2019-03-03": 10,000 to train and 1,000 to test unless told
 * otherwise. The same for the same seed. One day in ten, drawn by the seed, is for the test alone, in all forms; so no date
 * of the test can be known from training. Throws GradwireError ERR_DATA_OPTION.
 */
export function synthDates({
  seed = 1,
  trainLength = 10_000,
  testLength = 1_000,
}: SynthDatesOptions = {}): ParallelSplits {
  for (const length of [trainLength, testLength]) {
    if (!Number.isInteger(length) || length < 1 || length > LENGTH_MAX) {
      throw new GradwireError(
        'ERR_DATA_OPTION',
        `synthDates: a length must be a whole number of 1 to ${LENGTH_MAX}, got ${length}`,
      );
    }
  }
  const generator = new Generator(seed);
  const days = generator.randperm(DAYS);
  const border = Math.floor(DAYS / TEST_SHARE);
  return {
    train: written(days.subarray(border), trainLength, generator),
    test: written(days.subarray(0, border), testLength, generator),
  };
}

function written(days: Int32Array, length: number, generator: Generator): ParallelTexts {
  const chosen = Array.from({ length }, () => FIRST_DAY + days[generator.below(days.length)]!);
  return { sources: chosen.map((day) => asPeopleWrite(day, generator)), targets: chosen.map(isoDate) };
}

function asPeopleWrite(day: number, generator: Generator): string {
  const text = DATE_FORMS[generator.below(DATE_FORMS.length)]!(partsOfDay(day));
  const letters = generator.uniform();
  if (letters < 0.2) return text.toLowerCase();
  return letters < 0.3 ? text.toUpperCase() : text;
}
