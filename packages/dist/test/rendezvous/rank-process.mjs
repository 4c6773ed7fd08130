// One rank as a process of its own: joins by the environment and sums without end. Says "summing" after the first
// sum, and ends with the error it gets, as one JSON line.
import { joinGroup, treeAllReduce } from '../../build/index.js';

const report = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const group = await joinGroup();
const buffer = new Float32Array(Number(process.env.TEST_ELEMENTS));
try {
  for (let step = 0; ; step++) {
    buffer.fill(1);
    await treeAllReduce(group, buffer, { step });
    if (step === 0) report({ type: 'summing' });
    if (process.env.TEST_STEPS === String(step + 1)) break;
  }
  report({ type: 'done', sum: buffer[0] });
} catch (error) {
  report({ type: 'error', name: error.name, code: error.code, rank: error.rank, message: error.message });
} finally {
  await group.close();
}
