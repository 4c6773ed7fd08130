// Runs meeting-task.mjs in four threads and answers them; with a number, gives up at that question instead. Prints JSON.
import { MessageChannel } from 'node:worker_threads';
import { zeros } from '@gradwire/tensor';
import { StepControl, ThreadPool } from '../../build/index.js';

const [meetings, givesUpAt = NaN] = process.argv.slice(2).map(Number);
const threads = 4;
const pool = new ThreadPool(new URL('./meeting-task.mjs', import.meta.url), threads);
const control = StepControl.create(threads, 1);
const words = zeros([3], { dtype: 'int32' }); // arrivals, answers, faults

function answer(meeting) {
  if (meeting === givesUpAt) return control.abort();
  Atomics.add(words.view(), 1, 1);
  control.answer();
}

const results = await pool.run(
  (thread) => {
    const { port1, port2 } = new MessageChannel();
    port1.on('message', answer);
    return { control: control.handle, words: words.handle(), thread, threads, meetings, port: port2 };
  },
  ({ port }) => [port],
);
console.log(JSON.stringify({ results, words: words.toArray() }));
await pool.close();
