import { step, tensor } from '@gradwire/tensor';
import { fromNn } from './exports.mjs';
import { buildNetwork } from './networks.mjs';
import { named } from './read-case.mjs';

/**
 * Parameters whose gradient is zero but for rounding (a bias that batch normalisation takes off again): Adam makes steps
 * of whole size of it, so float32 and float64 part. They are not compared.
 */
const UNDETERMINED = { MLP_BatchNorm: ['fc1.bias'] };

/** Runs a case of kind training: every loss and the parameters at the end. */
export function runTraining(spec, tensors) {
  const [Optimizer, loss] = [fromNn(spec.optimizer.name), fromNn(spec.loss)];
  const network = buildNetwork(spec.model);
  network.loadStateDict(new Map([...network.stateDict(), ...named(tensors, 'param')]));
  network.train();
  const optimizer = new Optimizer(network.parameters(), spec.optimizer.args);

  const losses = [];
  for (let s = 0; s < spec.steps; s++) {
    step(() => {
      const value = loss(network.forward(tensors.get(`x.${s}`)), tensors.get(`y.${s}`));
      optimizer.zeroGrad();
      value.backward();
      optimizer.step();
      losses.push(value.item());
    });
  }
  const state = new Map(network.stateDict());
  return [
    { what: 'losses', ours: tensor(losses), theirs: tensors.get('losses') },
    ...[...named(tensors, 'final')]
      .filter(([key]) => !UNDETERMINED[spec.model]?.includes(key))
      .map(([key, theirs]) => ({ what: `final.${key}`, ours: state.get(key), theirs })),
  ];
}
