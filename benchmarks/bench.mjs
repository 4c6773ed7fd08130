// Measures Gradwire and, with --peers, the systems that it is compared with (docs/benchmarks.md). JSON lines on stdout, all
// else on stderr. Run: npm run bench -- [--only NAME,…] [--threads N] [--peers] … | --memory | --start | --overheads
import { readOptions, UsageError } from './bench-options.mjs';

const MEASUREMENTS = {
  steps: './steps.mjs',
  memory: './memory.mjs',
  start: './start.mjs',
  overheads: './overheads.mjs',
};

try {
  const options = readOptions(process.argv.slice(2));
  const { measure } = await import(MEASUREMENTS[options.measurement]);
  await measure(options);
} catch (error) {
  const isUsage = error instanceof UsageError;
  console.error(`bench: ${isUsage ? error.message : error.stack}`);
  process.exitCode = isUsage ? 2 : 1;
}
