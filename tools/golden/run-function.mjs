import { functionOptions, operationArguments } from './arguments.mjs';
import { nnFunction, operation } from './exports.mjs';
import { backwardFrom, flatOutputs, outputChecks, readInputs } from './gradients.mjs';

/** Runs a case of kind function: a function of nn with an options object, or else an operation on tensors. */
export function runFunction(spec, tensors) {
  const fn = nnFunction(spec.name);
  if (!fn) return runOperation(spec, tensors);
  const inputs = readInputs(tensors);
  return finish(fn(...inputs, functionOptions(spec.args)), inputs, tensors);
}

/** Runs a case of kind tensor. */
export function runOperation(spec, tensors) {
  const call = operation(spec.name);
  const inputs = readInputs(tensors);
  return finish(call(...operationArguments(spec.name, inputs, spec.args)), inputs, tensors);
}

function finish(result, inputs, tensors) {
  const outputs = flatOutputs(result);
  backwardFrom(outputs, tensors);
  return outputChecks(outputs, inputs, tensors);
}
