import { describe, expect, it } from 'vitest';
import { DATE_FORMS, isoDate, partsOfDay } from '../src/date-forms.ts';
import { padTokens } from '../src/pad-tokens.ts';
import { synthDates } from '../src/synth-dates.ts';
import { countTokens, Vocabulary } from '../src/vocabulary.ts';

const dayNumber = (iso: string): number => Date.parse(`${iso}T00:00:00Z`) / 86_400_000;

describe('forms of a date', () => {
  it('are those of people', () => {
    expect(DATE_FORMS.map((form) => form(partsOfDay(dayNumber('2019-03-03'))))).toEqual([
      '3 March 2019',
      '3 Mar 2019',
      '03 Mar 2019',
      '3-Mar-2019',
      '3rd March 2019',
      'the 3rd of March 2019',
      'the third of March, 2019',
      'March the third, 2019',
      'March 3, 2019',
      'Mar 3, 2019',
      'March 3rd 2019',
      'Sunday, 3 March 2019',
      'Sun, 3 Mar 2019',
      'Sunday, March 3rd, 2019',
      'Sunday the third of March 2019',
      '2019 March 3',
      '2019/3/3',
    ]);
  });

  it('name every day of a month in figures and words', () => {
    const days = Array.from({ length: 31 }, (_, i) => partsOfDay(dayNumber('2000-01-01') + i));
    expect(days.map(({ nth }) => nth.slice(-2)).join(' ')).toBe(
      'st nd rd th th th th th th th th th th th th th th th th th st nd rd th th th th th th th st',
    );
    expect(new Set(days.map(({ ordinal }) => ordinal)).size).toBe(31);
    expect(days.slice(18).map(({ ordinal }) => ordinal)).toEqual([
      ...['nineteenth', 'twentieth', 'twenty-first', 'twenty-second', 'twenty-third', 'twenty-fourth', 'twenty-fifth'],
      ...['twenty-sixth', 'twenty-seventh', 'twenty-eighth', 'twenty-ninth', 'thirtieth', 'thirty-first'],
    ]);
  });

  it.each([3, 16])('differ from those of every other day of two centuries: form %d', (number) => {
    const [first, last] = [dayNumber('1900-01-01'), dayNumber('2099-12-31')];
    const texts = new Set<string>();
    for (let day = first; day <= last; day++) texts.add(DATE_FORMS[number]!(partsOfDay(day)));
    expect(texts.size).toBe(last - first + 1);
  });
});

describe('synthDates', () => {
  const { train, test } = synthDates({ seed: 5, trainLength: 3000, testLength: 500 });

  it('gives the same dates for the same seed, and others for another', () => {
    expect(synthDates({ seed: 5, trainLength: 3000, testLength: 500 })).toEqual({ train, test });
    expect(synthDates({ seed: 6, trainLength: 3000, testLength: 500 }).train).not.toEqual(train);
    expect([train.sources.length, train.targets.length, test.sources.length]).toEqual([3000, 3000, 500]);
  });

  it('has no day of the test in training', () => {
    const learned = new Set(train.targets);
    expect(test.targets.filter((date) => learned.has(date))).toEqual([]);
    expect(new Set(test.targets).size).toBeGreaterThan(480); // of 7,304 days
  });

  it('writes every form in three kinds of letters, each of the day that its target is', () => {
    const forms = new Map<number, Set<string>>();
    for (const { sources, targets } of [train, test]) {
      sources.forEach((source, i) => {
        const day = dayNumber(targets[i]!);
        expect(isoDate(day)).toBe(targets[i]);
        const written = DATE_FORMS.map((form) => form(partsOfDay(day)));
        const form = written.findIndex((text) => text.toLowerCase() === source.toLowerCase());
        expect([form >= 0, source]).toEqual([true, source]);
        const letters = [written[form]!, written[form]!.toLowerCase(), written[form]!.toUpperCase()].indexOf(source);
        forms.set(form, (forms.get(form) ?? new Set()).add(`${letters}`));
      });
    }
    expect(forms.size).toBe(DATE_FORMS.length);
    expect(forms.get(0)!.size).toBe(3);
  });

  it.each([
    ['characters', (text: string) => [...text]],
    ['words', (text: string) => text.split(/[^A-Za-z0-9]+/)],
  ])('can be numbered by %s, and padded', (_, split) => {
    const rows = train.sources.map(split);
    const vocabulary = new Vocabulary(countTokens(rows));
    const { tokens, lengths } = padTokens(rows.map((row) => vocabulary.encode(row)));
    const [first] = tokens.toArray() as number[][];
    expect(vocabulary.decode(first!.slice(0, lengths.data()[0]))).toEqual(rows[0]);
    const unknown = test.sources.flatMap(split).filter((token) => !vocabulary.has(token));
    expect(unknown.length).toBeLessThan(5);
  });

  it('refuses a length that is none', () => {
    expect(() => synthDates({ testLength: 0 })).toThrow(/a length must be a whole number of 1 to 1000000, got 0/);
  });
});
