import { numbered } from './read-case.mjs';

/** The inputs of a case; those whose gradient it states require one. */
export function readInputs(tensors) {
  return numbered(tensors, 'input').map((input, i) => (tensors.has(`grad_input.${i}`) ? input.requiresGrad_() : input));
}

/** What a call returned as a flat list: a tensor, lists of them (also nested), or { values, indices }. */
export function flatOutputs(result) {
  if (Array.isArray(result)) return result.flatMap(flatOutputs);
  if (result?.values !== undefined && result.indices !== undefined) return [result.values, result.indices];
  return [result];
}

/** Runs backward from all outputs for which the case states a gradient. */
export function backwardFrom(outputs, tensors) {
  const seeds = outputs
    .map((output, i) => ({ output, gradient: tensors.get(`grad_output.${i}`) }))
    .filter(({ gradient }) => gradient !== undefined);
  if (seeds.length === 0) return;
  if (seeds.length === 1) return seeds[0].output.backward(seeds[0].gradient);
  // d(Σ output · gradient) / d output = gradient, so one backward serves all outputs.
  const terms = seeds.map(({ output, gradient }) => output.mul(gradient).sum());
  terms.reduce((sum, term) => sum.add(term)).backward();
}

/** Pairs of our and their tensors for the outputs and for the gradients of the inputs. */
export function outputChecks(outputs, inputs, tensors) {
  const theirs = numbered(tensors, 'output');
  const gradients = inputs.map((input, i) => ({ what: `grad_input.${i}`, ours: input.grad }));
  return [
    ...theirs.map((expected, i) => ({ what: `output.${i}`, ours: outputs[i], theirs: expected })),
    ...gradients
      .filter(({ what }) => tensors.has(what))
      .map(({ what, ours }) => ({ what, ours, theirs: tensors.get(what) })),
  ];
}
