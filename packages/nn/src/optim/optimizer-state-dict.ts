import { GradwireError, tensor, type Tensor } from '@gradwire/tensor';
import type { OptimizerState } from './optimizer-state.ts';
import { optionsOf, type GroupOptions, type ParamGroup } from './param-group.ts';

type Groups = readonly ParamGroup<GroupOptions>[];

/** The state of each parameter, "0.exp_avg", and the options of the groups as numbers, "param_groups.0.lr". */
export function saveState(state: OptimizerState, groups: Groups): Map<string, Tensor> {
  const dict = state.byParameter();
  for (const { key, value } of optionsOf(groups)) {
    dict.set(key, tensor([value].flat().map(Number), { dtype: 'float64' }));
  }
  return dict;
}

/** Takes over such a dict, options only if they are there. Throws ERR_STATE_DICT before anything has changed. */
export function loadState(
  optimizer: string,
  state: OptimizerState,
  groups: Groups,
  dict: ReadonlyMap<string, Tensor>,
): void {
  const own = state.byParameter();
  const fail = (key: string, what: string): GradwireError =>
    new GradwireError(
      'ERR_STATE_DICT',
      `optimizer: "${key}" is ${what} in the saved state, which is not of ${optimizer} over this model`,
    );
  for (const [key, { size }] of own) {
    const value = dict.get(key);
    if (!value) throw fail(key, 'missing');
    if (value.size !== size) throw fail(key, `of ${value.size} elements instead of ${size}`);
  }
  const options = optionsOf(groups).flatMap(({ key, assign, value }) => {
    const saved = dict.get(key);
    if (saved && saved.size !== [value].flat().length) throw fail(key, `of ${saved.size} elements`);
    return saved ? [() => assign([...saved.data()])] : [];
  });
  for (const [key, target] of own) target.view().set(dict.get(key)!.data());
  for (const assign of options) assign();
}
