import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const TIMEOUT_MS = 300_000; // processes that wait for one that failed
const ONE_THREAD = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };

/** Runs the processes of a system at once, each { program, args, env }, with `words` behind; the first prints the result. */
export async function runSystem(processes, words) {
  const [{ stdout }] = await Promise.all(
    processes.map(({ program, args, env }) =>
      promisify(execFile)(program, [...args, ...words], {
        env: { ...process.env, ...ONE_THREAD, ...env },
        timeout: TIMEOUT_MS,
      }),
    ),
  );
  const line = stdout.split('\n').find((text) => text.startsWith('{'));
  if (line === undefined) throw new Error(`${processes[0].args.join(' ')} printed no result:\n${stdout}`);
  return JSON.parse(line);
}
