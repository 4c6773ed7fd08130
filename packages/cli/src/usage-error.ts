import { GradwireError } from '@gradwire/tensor';

/** Wrong usage: a flag, a value or a file that was named wrongly. The command answers it with exit code 2. */
export class UsageError extends GradwireError {
  constructor(message: string, code = 'ERR_USAGE', options?: { cause?: unknown }) {
    super(code, message, options);
  }
}
