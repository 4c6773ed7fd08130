/** Checks what the functions of a training file return, where the types of the file did not. */
import { Module, Optimizer } from '@gradwire/nn';
import { GradwireError, Tensor } from '@gradwire/tensor';
import { show } from '../checked.ts';
import type { TrainingData } from '../define-training.ts';

export function checkedData(value: unknown): TrainingData<never> {
  const { train } = (value ?? {}) as { train?: { length?: unknown } };
  if (typeof train?.length === 'number' && 'batch' in train) return value as TrainingData<never>;
  throw wrong('data', 'an object { train, test } of datasets', value);
}

export function checkedModel(value: unknown): Module {
  if (value instanceof Module) return value;
  throw wrong('model', 'a Module of @gradwire/nn', value);
}

export function checkedOptimizer(value: unknown): Optimizer {
  if (value instanceof Optimizer) return value;
  throw wrong('optimizer', 'an Optimizer of @gradwire/nn', value);
}

export function checkedLoss(value: unknown): Tensor {
  if (value instanceof Tensor && value.size === 1) return value;
  const given = value instanceof Tensor ? `a tensor of shape [${value.shape.join(', ')}]` : value;
  throw wrong('loss', 'the mean loss as a tensor with one element', given);
}

function wrong(name: string, expected: string, given: unknown): GradwireError {
  const got = typeof given === 'string' ? given : show(given);
  return new GradwireError('ERR_TRAINING_FILE', `defineTraining: ${name} must return ${expected}, got ${got}`);
}
