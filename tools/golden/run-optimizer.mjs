import { zeros, tensor } from '@gradwire/tensor';
import { fromNn } from './exports.mjs';
import { numbered } from './read-case.mjs';

/** Runs a case of kind optimizer: the parameters after every step. */
export function runOptimizer(spec, tensors) {
  const Optimizer = fromNn(spec.name);
  const parameters = numbered(tensors, 'param').map((parameter) => parameter.requiresGrad_());
  const optimizer = new Optimizer(parameters, spec.args);
  const checks = [];
  for (let step = 0; step < spec.steps; step++) {
    parameters.forEach((parameter, i) => (parameter.grad = tensors.get(`grad.${i}.step${step}`)));
    optimizer.step();
    parameters.forEach((parameter, i) => {
      const what = `after.${i}.step${step}`;
      checks.push({ what, ours: parameter.clone(), theirs: tensors.get(what) });
    });
  }
  return checks;
}

/** Runs a case of kind scheduler: the learning rate seen at each of its steps. */
export function runScheduler(spec, tensors) {
  const Scheduler = fromNn(spec.name);
  const SGD = fromNn('SGD');
  const optimizer = new SGD([zeros([1]).requiresGrad_()], { lr: spec.lr });
  const scheduler = new Scheduler(optimizer, spec.args);
  const rates = [];
  for (let step = 0; step < spec.steps; step++) {
    rates.push(optimizer.lr);
    optimizer.step();
    scheduler.step();
  }
  return [{ what: 'output.0', ours: tensor(rates), theirs: tensors.get('output.0') }];
}
