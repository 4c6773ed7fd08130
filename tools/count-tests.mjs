// Prints `N passed, N failed, N skipped` from vitest's JSON report. Run: node tools/count-tests.mjs REPORT
import { existsSync, readFileSync } from 'node:fs';

console.log(count(process.argv[2]));

function count(file) {
  if (!existsSync(file)) return '0 passed, 1 failed, 0 skipped'; // the run ended before any test did
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
    readFileSync(file, 'utf8'),
  );
  // A file that could not even be loaded has failed, though none of its tests was counted.
  const unloaded = testResults.filter(({ status, assertionResults }) => {
    return status === 'failed' && assertionResults.every((test) => test.status !== 'failed');
  }).length;
  return `${numPassedTests} passed, ${numFailedTests + unloaded} failed, ${numPendingTests + numTodoTests} skipped`;
}
