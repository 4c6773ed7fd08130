/** How people write a day of the calendar: forms that name the month, or begin with the year, so that none is ambiguous. */

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
];
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const ORDINALS = [
  ...['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'],
  ...['eleventh', 'twelfth', 'thirteenth', 'fourteenth', 'fifteenth', 'sixteenth', 'seventeenth', 'eighteenth'],
  ...['nineteenth', 'twentieth'],
];

interface Parts {
  readonly day: number;
  /** 3rd */
  readonly nth: string;
  /** third */
  readonly ordinal: string;
  readonly month: string;
  readonly mon: string;
  /** From 1. */
  readonly monthNumber: number;
  readonly year: number;
  readonly weekday: string;
}

export const DATE_FORMS: readonly ((parts: Parts) => string)[] = [
  ({ day, month, year }) => `${day} ${month} ${year}`,
  ({ day, mon, year }) => `${day} ${mon} ${year}`,
  ({ day, mon, year }) => `${twoDigits(day)} ${mon} ${year}`,
  ({ day, mon, year }) => `${day}-${mon}-${year}`,
  ({ nth, month, year }) => `${nth} ${month} ${year}`,
  ({ nth, month, year }) => `the ${nth} of ${month} ${year}`,
  ({ ordinal, month, year }) => `the ${ordinal} of ${month}, ${year}`,
  ({ ordinal, month, year }) => `${month} the ${ordinal}, ${year}`,
  ({ day, month, year }) => `${month} ${day}, ${year}`,
  ({ day, mon, year }) => `${mon} ${day}, ${year}`,
  ({ nth, month, year }) => `${month} ${nth} ${year}`,
  ({ day, month, year, weekday }) => `${weekday}, ${day} ${month} ${year}`,
  ({ day, mon, year, weekday }) => `${weekday.slice(0, 3)}, ${day} ${mon} ${year}`,
  ({ nth, month, year, weekday }) => `${weekday}, ${month} ${nth}, ${year}`,
  ({ ordinal, month, year, weekday }) => `${weekday} the ${ordinal} of ${month} ${year}`,
  ({ day, month, year }) => `${year} ${month} ${day}`,
  ({ day, monthNumber, year }) => `${year}/${monthNumber}/${day}`,
];

/** The parts of a day, counted from 1970-01-01, for a form to choose from. */
export function partsOfDay(dayNumber: number): Parts {
  const date = new Date(dayNumber * 86_400_000);
  const day = date.getUTCDate();
  const month = MONTHS[date.getUTCMonth()]!;
  return {
    day,
    nth: `${day}${ending(day)}`,
    ordinal: ordinalOf(day),
    month,
    mon: month.slice(0, 3),
    monthNumber: date.getUTCMonth() + 1,
    year: date.getUTCFullYear(),
    weekday: WEEKDAYS[date.getUTCDay()]!,
  };
}

/** YYYY-MM-DD (ISO 8601). */
export function isoDate(dayNumber: number): string {
  return new Date(dayNumber * 86_400_000).toISOString().slice(0, 10);
}

function ordinalOf(day: number): string {
  if (day <= 20) return ORDINALS[day - 1]!;
  if (day === 30) return 'thirtieth';
  return `${day < 30 ? 'twenty' : 'thirty'}-${ORDINALS[(day % 10) - 1]!}`;
}

function ending(day: number): string {
  return day >= 11 && day <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][day % 10] ?? 'th');
}

function twoDigits(day: number): string {
  return String(day).padStart(2, '0');
}
