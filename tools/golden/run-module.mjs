import { ones } from '@gradwire/tensor';
import { constructorArguments } from './arguments.mjs';
import { fromNn } from './exports.mjs';
import { backwardFrom, flatOutputs, outputChecks, readInputs } from './gradients.mjs';
import { named } from './read-case.mjs';

/** How the inputs of a case are handed to forward; without `call` they are its arguments in order. */
const CALLS = {
  self: (module, [x]) => module.forward(x, x, x),
  cross: (module, [query, memory]) => module.forward(query, memory, memory),
  self_mask: (module, [x, attnMask, keyPaddingMask]) => module.forward(x, x, x, { attnMask, keyPaddingMask }),
  causal_tgt_mask: (module, [source, target]) =>
    module.forward(source, target, { tgtMask: causalMask(target.shape[1]) }),
};

/** Runs a case of kind module: outputs, gradients of inputs and parameters, and buffers afterwards. */
export function runModule(spec, tensors) {
  const Module = fromNn(spec.name);
  const module = new Module(...constructorArguments(spec.name, spec.args));
  module.loadStateDict(new Map([...named(tensors, 'param'), ...named(tensors, 'buffer_before')]));
  if (spec.train === false) module.eval();
  else module.train();

  const inputs = readInputs(tensors);
  const outputs = flatOutputs(forward(spec.call, module, inputs));
  backwardFrom(outputs, tensors);
  return [
    ...outputChecks(outputs, inputs, tensors),
    ...parameterChecks(module, tensors),
    ...bufferChecks(module, tensors),
  ];
}

function forward(call, module, inputs) {
  if (call === undefined) return module.forward(...inputs);
  if (!Object.hasOwn(CALLS, call))
    throw new Error(`the case asks for the call "${call}", which the runner does not know`);
  return CALLS[call](module, inputs);
}

/** [length, length], true above the diagonal: a place must not see those after it. */
function causalMask(length) {
  return ones([length, length], { dtype: 'bool' }).triu(1);
}

function parameterChecks(module, tensors) {
  const parameters = new Map(module.namedParameters());
  return [...named(tensors, 'grad_param')].map(([key, theirs]) => {
    return { what: `grad_param.${key}`, ours: parameters.get(key)?.grad, theirs };
  });
}

function bufferChecks(module, tensors) {
  const state = new Map(module.stateDict());
  return [...named(tensors, 'buffer_after')].map(([key, theirs]) => {
    return { what: `buffer_after.${key}`, ours: state.get(key), theirs };
  });
}
