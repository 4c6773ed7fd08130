// Compares Gradwire with reference cases from PyTorch. Run: GRADWIRE_GOLDEN=FOLDER npm run golden
import { caseFiles, goldenFolder } from './case-files.mjs';
import { runCase } from './run-case.mjs';

const folder = goldenFolder();
if (folder === undefined) console.log('no reference cases: set GRADWIRE_GOLDEN to the folder that holds them');

let [passed, failed, skipped] = [0, 0, 0];
for (const { file, group, title } of folder === undefined ? [] : caseFiles(folder)) {
  const { missing, differences } = attempt(file);
  if (missing !== undefined) {
    skipped++;
    console.log(`not yet supported: ${missing} (${group})`);
  } else if (differences.length > 0) {
    failed++;
    console.log(`FAILED ${title}`);
    for (const line of differences) console.log(`  ${line}`);
  } else {
    passed++;
  }
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;

function attempt(file) {
  try {
    return runCase(file);
  } catch (error) {
    return { differences: [error.message] };
  }
}
