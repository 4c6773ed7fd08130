// One rank as a process of its own: joins by the environment, sums while its thread waits, and prints one JSON line.
import { BlockingSum, joinGroup } from '../../build/index.js';

const group = await joinGroup();
const sums = await BlockingSum.join(group);
const long = Float64Array.from({ length: 20_000 }, (_, i) => i * (group.rank + 1));
try {
  for (let round = 0; round < 3; round++) {
    const numbers = Float64Array.of(0.1 * (group.rank + 1), round);
    sums.sum(numbers);
    if (round === 2) console.log(JSON.stringify({ numbers: [...numbers] }));
    if (process.env.TEST_DIES_AFTER === String(round)) process.kill(process.pid, 'SIGKILL');
  }
  sums.sum(long);
  console.log(JSON.stringify({ last: long.at(-1) }));
  await sums.close();
  await group.close();
} catch ({ code, message }) {
  console.log(JSON.stringify({ code, message }));
  process.exit(1);
}
