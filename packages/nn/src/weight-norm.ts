/** Weight normalisation (Salimans & Kingma 2016): a weight learned as a length and a direction. */
import { GradwireError, noGrad, type HookHandle, type Tensor } from '@gradwire/tensor';
import type { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/** A module as something that has tensors by name. */
type Fields = Record<string, Tensor>;

interface Normalised {
  readonly dim: number | null;
  readonly hook: HookHandle;
}

const normalised = new WeakMap<Module, Map<string, Normalised>>();

/**
 * Puts `name`_g and `name`_v in place of the parameter `name` of a module, PyTorch's keys: before each forward the weight
 * becomes g·v/‖v‖, with a norm for each index of `dim` (null: one norm). g: the weight's shape with 1 in all dimensions
 * but dim, or []; v: the weight's shape. At first the weight is what it was. Call it before an optimizer takes the module's
 * parameters. Returns the module. Throws GradwireError ERR_PARAMETER if there is no such parameter.
 */
export function weightNorm<M extends Module>(module: M, name = 'weight', dim: number | null = 0): M {
  const fields = module as unknown as Fields;
  const weight = fields[name];
  if (!(weight instanceof Parameter)) {
    throw new GradwireError('ERR_PARAMETER', `weightNorm: ${module.constructor.name} has no parameter "${name}"`);
  }
  const along = dim === null ? null : dim < 0 ? dim + weight.rank : dim;
  if (along !== null && !(Number.isInteger(along) && along >= 0 && along < weight.rank)) {
    throw new GradwireError('ERR_PARAMETER', `weightNorm: "${name}" has no dimension ${dim}; it has ${weight.rank}`);
  }
  const lengths = noGrad(() => new Parameter(lengthOf(weight, along).clone()));
  delete fields[name];
  fields[`${name}_g`] = lengths;
  fields[`${name}_v`] = weight;
  const assemble = (): void => {
    fields[name] = weightOf(fields, name, along);
  };
  noGrad(assemble);
  const all = normalised.get(module) ?? new Map<string, Normalised>();
  normalised.set(module, all.set(name, { dim: along, hook: module.registerForwardPreHook(assemble) }));
  return module;
}

/** Makes the weight as it stands the parameter again. Throws GradwireError ERR_PARAMETER if weightNorm was not called for it. */
export function removeWeightNorm<M extends Module>(module: M, name = 'weight'): M {
  const found = normalised.get(module)?.get(name);
  if (!found) {
    throw new GradwireError(
      'ERR_PARAMETER',
      `removeWeightNorm: "${name}" of ${module.constructor.name} is not normalised`,
    );
  }
  const fields = module as unknown as Fields;
  const weight = noGrad(() => new Parameter(weightOf(fields, name, found.dim)));
  found.hook.remove();
  normalised.get(module)!.delete(name);
  for (const key of [name, `${name}_g`, `${name}_v`]) delete fields[key];
  fields[name] = weight;
  return module;
}

function weightOf(fields: Fields, name: string, dim: number | null): Tensor {
  const [g, v] = [fields[`${name}_g`], fields[`${name}_v`]];
  return v.mul(g.div(lengthOf(v, dim)));
}

/** ‖v‖ for each index of dim, over all others. */
function lengthOf(v: Tensor, dim: number | null): Tensor {
  if (dim === null) return v.norm();
  return v.norm(
    v.shape.flatMap((_, d) => (d === dim ? [] : [d])),
    true,
  );
}
