import type { TrainingEvent } from '../events.ts';

/** Shows a run to whoever started it. */
export interface Reporter {
  event(event: TrainingEvent): void;
  /** A line that is no event: what the user's code or a child process printed, or a remark. */
  line(text: string): void;
  /** Leaves the terminal in order; nothing may be reported afterwards. */
  close(): void;
}

/** Where a reporter writes. */
export interface Output {
  write(text: string): unknown;
}
