// Compares Gradwire with reference cases from PyTorch. Run: GRADWIRE_GOLDEN=FOLDER npm run golden
import { caseFiles, goldenFolder } from './case-files.mjs';
import { runCase } from './run-case.mjs';

const counts = { passed: 0, failed: 0, skipped: 0 };
try {
  const folder = goldenFolder();
  if (folder === undefined) console.log('no reference cases: set GRADWIRE_GOLDEN to the folder that holds them');
  else for (const one of caseFiles(folder)) counts[verdict(one)]++;
} catch (error) {
  console.log(error.message);
  counts.failed++;
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed === 0 ? 0 : 1;

/** Runs one case, prints a line unless it passed, and returns under what it counts. */
function verdict({ file, group, title }) {
  const { missing, differences } = attempt(file);
  if (missing !== undefined) {
    console.log(`not yet supported: ${missing} (${group})`);
    return 'skipped';
  }
  if (differences.length === 0) return 'passed';
  console.log([`FAILED ${title}`, ...differences].join('\n  '));
  return 'failed';
}

/** A case that cannot be read or run has failed, and the others still run. */
function attempt(file) {
  try {
    return runCase(file);
  } catch (error) {
    return { differences: [error.message] };
  }
}
