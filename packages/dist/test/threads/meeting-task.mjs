// What one thread does in a step with meetings: thread 0 has no part in them, the others meet and ask the main thread.
import { Tensor } from '@gradwire/tensor';
import { StepControl, joinHeap } from '../../build/index.js';

joinHeap();

export default function run({ control: handle, words, thread, threads, meetings, port }) {
  const control = StepControl.attach(handle);
  const counts = Tensor.fromHandle(words).view();
  try {
    for (let meeting = 0; thread > 0 && meeting < meetings; meeting++) {
      Atomics.add(counts, 0, 1);
      control.meet(threads - 1, () => {
        if (Atomics.load(counts, 0) !== (threads - 1) * (meeting + 1)) Atomics.add(counts, 2, 1);
        control.awaitAnswer(() => port.postMessage(meeting));
        if (Atomics.load(counts, 1) !== meeting + 1) Atomics.add(counts, 2, 1);
      });
    }
    control.barrier(() => undefined);
    return 'done';
  } catch ({ code }) {
    return code;
  } finally {
    port.close();
  }
}
