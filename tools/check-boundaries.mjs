// Fails when a package imports what it should not. Run: node tools/check-boundaries.mjs
import { layerViolations } from './boundaries/layers.mjs';
import { importViolations } from './boundaries/imports.mjs';
import { dependencyTreeViolations } from './boundaries/dependency-trees.mjs';

const violations = [...layerViolations(), ...importViolations(), ...dependencyTreeViolations()];
for (const violation of violations) console.error(violation);
console.log(
  violations.length === 0 ? 'boundaries: every import is allowed' : `boundaries: ${violations.length} violations`,
);
process.exitCode = violations.length === 0 ? 0 : 1;
