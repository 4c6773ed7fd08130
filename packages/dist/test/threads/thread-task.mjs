// What one thread of the test's pool does: meets the others at barriers, or fills and sums a shared tensor.
import { Tensor, tensor } from '@gradwire/tensor';
import { StepControl, joinHeap } from '../../build/index.js';

joinHeap();

export default function run({ control: handle, words, rounds, shards }) {
  const control = StepControl.attach(handle);
  const counts = Tensor.fromHandle(words).view();
  let lasts = 0;
  try {
    for (let round = 0; round < rounds; round++) {
      Atomics.add(counts, 0, 1);
      for (let shard = 0; shard < shards; shard++) {
        if (control.contribute(0, shards * 4)) Atomics.add(counts, 1, 1);
      }
      control.barrier(() => {
        if (Atomics.load(counts, 0) !== 4 * (round + 1)) Atomics.add(counts, 2, 1);
        lasts++;
      });
    }
    if (rounds === 0) control.awaitCommit(1); // never comes
    return { lasts, made: tensor([lasts, 5]).handle() };
  } catch (error) {
    return { code: error.code };
  }
}
