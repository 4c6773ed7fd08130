import { GradwireError } from '@gradwire/tensor';

/** Another thread or process failed first; whoever gets this looks for that error and reports it instead. */
export class StepAbortedError extends GradwireError {
  constructor() {
    super('ERR_STEP_ABORTED', 'step: given up, because another worker of the run failed');
  }
}
