/** A text in two parts: to learn from, and to measure with. */
export interface TextSplits {
  readonly train: string;
  readonly test: string;
}

/** The first 90 % of a text, and the rest. */
export function splitText(text: string): TextSplits {
  const end = Math.floor(0.9 * text.length);
  return { train: text.slice(0, end), test: text.slice(end) };
}
