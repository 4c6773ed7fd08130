// Runs the tasks of thread-task.mjs in a pool, in a process of its own: threads inherit the flags of their process, and
// those of the test runner lead to TypeScript sources. Prints one JSON object.
import { Tensor, zeros } from '@gradwire/tensor';
import { StepControl, ThreadPool } from '../../build/index.js';

const [threads, rounds, shards, isAborted] = process.argv.slice(2).map(Number);
const pool = new ThreadPool(new URL('./thread-task.mjs', import.meta.url), threads);
const control = StepControl.create(threads, 1);
const words = zeros([3], { dtype: 'int32' });
const running = pool.run(() => ({ control: control.handle, words: words.handle(), rounds, shards }));
if (isAborted) control.abort();
const results = await running;
const made = results.map(({ made: handle }) => handle && Tensor.fromHandle(handle).toArray());
console.log(JSON.stringify({ results, made, words: words.toArray() }));
await pool.close();
