import { step, tensor } from '@gradwire/tensor';
import { fromNn } from './exports.mjs';
import { buildNetwork } from './networks.mjs';
import { named } from './read-case.mjs';

/**
 * Parameters that the loss does not depend on: a bias that batch normalisation takes off again, and the bias of attention's
 * keys, which softmax does not see. Their gradient is rounding alone, and Adam makes whole steps of it, so float32 and
 * float64 part: PyTorch 1.13 in float32 misses its own float64 figures here by 85 and by 20 times the tolerance.
 * They are not compared. The value tells which elements: [from, to).
 */
const UNDETERMINED = {
  MLP_BatchNorm: { 'fc1.bias': [0, 16] },
  TinyTransformer: {
    'encoder.layers.0.self_attn.in_proj_bias': [16, 32],
    'encoder.layers.1.self_attn.in_proj_bias': [16, 32],
  },
};

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
    ...[...named(tensors, 'final')].flatMap(([key, theirs]) =>
      determined(`final.${key}`, state.get(key), theirs, UNDETERMINED[spec.model]?.[key]),
    ),
  ];
}

/** What there is to compare of a final parameter: all of it, or what lies before and after its undetermined elements. */
function determined(what, ours, theirs, undetermined) {
  if (undetermined === undefined) return [{ what, ours, theirs }];
  const [from, to] = undetermined;
  const part = (start, end) => ({ what, ours: ours.slice(0, start, end), theirs: theirs.slice(0, start, end) });
  return [part(0, from), part(to, theirs.shape[0])];
}
