import { stepsPerEpoch } from '@gradwire/data';
import { GradwireError } from '@gradwire/tensor';
import type { ScheduleContext } from '../define-training.ts';

/** How long a run over `examples` training examples is. Throws ERR_DATA_EMPTY if there are none. */
export function scheduleContext(
  { epochs, batchSize }: { epochs: number; batchSize: number },
  examples: number,
): ScheduleContext {
  if (examples < 1)
    throw new GradwireError('ERR_DATA_EMPTY', 'data: the training set is empty; check what `data` returns');
  const steps = stepsPerEpoch(examples, batchSize);
  return { stepsPerEpoch: steps, epochs, totalSteps: steps * epochs };
}
