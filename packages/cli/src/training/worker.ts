import { joinHeap, StepControl } from '@gradwire/dist';
import { GradwireError } from '@gradwire/tensor';
import { describeError } from '../describe-error.ts';
import { loadTraining } from '../load-training.ts';
import { evaluate } from './evaluate.ts';
import { Replica } from './replica.ts';
import { trainSteps } from './train-steps.ts';
import type { EvaluateTask, TaskResult, ThreadContext, TrainTask } from './train-task.ts';

const training = loadTraining(joinHeap() as string); // while the main thread reads the data
training.catch(() => undefined); // the first task tells of it

let replica: Replica | undefined;

/** Runs one task in a thread of the pool; the replica is made with the first. */
export default async function runTask(task: TrainTask | EvaluateTask): Promise<TaskResult<unknown>> {
  try {
    replica ??= await makeReplica(task);
    return { value: task.kind === 'train' ? trainSteps(task, replica) : evaluate(task, replica) };
  } catch (error) {
    if (task.kind === 'train') StepControl.attach(task.control).abort(); // nobody shall wait for this thread
    const code = error instanceof GradwireError ? error.code : 'ERR_TRAINING';
    return {
      failure: { code, message: describeError(error), stack: error instanceof Error ? error.stack : undefined },
    };
  } finally {
    if (task.kind === 'train') task.port?.close();
  }
}

async function makeReplica({ seed, length, replica: handle }: ThreadContext): Promise<Replica> {
  const made = new Replica(await training, seed, length);
  made.attach(handle);
  return made;
}
