/** Texts in two languages or forms: targets[i] is the translation of sources[i]. */
export interface ParallelTexts {
  readonly sources: readonly string[];
  readonly targets: readonly string[];
}

/** To learn from, and to measure with. */
export interface ParallelSplits {
  readonly train: ParallelTexts;
  readonly test: ParallelTexts;
}
