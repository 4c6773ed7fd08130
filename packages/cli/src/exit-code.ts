/** What the command's exit code tells. */
export const EXIT = { done: 0, failed: 1, wrongUsage: 2, interrupted: 130 } as const;
