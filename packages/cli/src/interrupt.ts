import { GradwireError } from '@gradwire/tensor';
import { EXIT } from './exit-code.ts';

/** The user, or the system, asked the run to end; its state was saved first. */
export class InterruptedError extends GradwireError {
  constructor() {
    super('ERR_INTERRUPTED', 'interrupted, the state was saved; continue with --resume');
  }
}

/** npm and npx pass on a Ctrl-C that the terminal has already sent to us: signals this close together are one. */
const SAME_PRESS_MS = 500;

/**
 * A signal that is aborted by the first Ctrl-C or SIGTERM, so that the run can stop at a step boundary. The second ends
 * this process at once, and with it all that it launched.
 */
export function interruptSignal(
  onFirst: () => void,
  now: () => number = () => performance.now(),
): { signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  let firstMs = Infinity;
  const interrupt = () => {
    if (!controller.signal.aborted) {
      firstMs = now();
      controller.abort();
      onFirst();
    } else if (now() - firstMs > SAME_PRESS_MS) process.exit(EXIT.interrupted);
  };
  const names = ['SIGINT', 'SIGTERM'] as const;
  for (const name of names) process.on(name, interrupt);
  return {
    signal: controller.signal,
    dispose: () => names.forEach((name) => process.off(name, interrupt)),
  };
}
