/** Groups of parameters with options of their own, as PyTorch's param_groups. */
import { GradwireError, Tensor } from '@gradwire/tensor';

/** What every optimizer can be told for each group. */
export interface GroupOptions {
  /** Learning rate; schedules change it. */
  lr: number;
  weightDecay: number;
  /** Go up the gradient instead of down. */
  maximize: boolean;
}

/** Parameters that share options. */
export type ParamGroup<Options> = {
  readonly params: readonly Tensor[];
  /** The rate before any schedule; set by the first schedule. */
  initialLr?: number;
} & Options;

/** Parameters of one group, or groups with those options that differ from the defaults. */
export type Parameters<Options> =
  Iterable<Tensor> | Iterable<{ readonly params: Iterable<Tensor> } & { readonly [K in keyof Options]?: Options[K] }>;

/** Throws GradwireError ERR_OPTIMIZER if there are no parameters, or an option is unknown. */
export function listGroups<Options extends GroupOptions>(
  parameters: Parameters<Options>,
  defaults: Options,
): ParamGroup<Options>[] {
  const list = [...(parameters as Iterable<Tensor | ({ readonly params: Iterable<Tensor> } & Partial<Options>)>)];
  const inputs = list.every((item) => item instanceof Tensor)
    ? [{ params: list as Tensor[] }]
    : (list as ({ readonly params: Iterable<Tensor> } & Partial<Options>)[]);
  const groups = inputs.map((input, g) => {
    if (typeof input.params?.[Symbol.iterator] !== 'function') {
      throw wrong(`group ${g} has no params; give tensors, or groups { params, lr, … }, not both`);
    }
    const unknown = Object.keys(input).find((name) => name !== 'params' && !Object.hasOwn(defaults, name));
    if (unknown !== undefined) {
      throw wrong(`group ${g} has the unknown option ${unknown}; it can have ${Object.keys(defaults).join(', ')}`);
    }
    const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
    return { ...defaults, ...given, params: [...input.params] } as ParamGroup<Options>;
  });
  if (groups.every(({ params }) => params.length === 0)) throw wrong('there are no parameters to train');
  return groups;
}

/** An option of a group: its key in a state dict, its value, and how it gets another one. */
export interface GroupOption {
  readonly key: string;
  readonly value: number | boolean | readonly number[];
  assign(numbers: number[]): void;
}

/** All options of all groups, with keys as "param_groups.0.weight_decay". */
export function optionsOf(groups: readonly ParamGroup<GroupOptions>[]): GroupOption[] {
  return groups.flatMap((group, g) => {
    const options = group as unknown as Record<string, GroupOption['value']>;
    const names = Object.keys(options).filter((name) => name !== 'params');
    return names.map((name) => {
      const value = options[name]!;
      const assign = (numbers: number[]): void => {
        options[name] =
          typeof value === 'boolean' ? numbers[0] !== 0 : typeof value === 'number' ? numbers[0]! : numbers;
      };
      return { key: `param_groups.${g}.${snakeCase(name)}`, value, assign };
    });
  });
}

/** "weightDecay" → "weight_decay", as PyTorch names it. */
function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function wrong(what: string): GradwireError {
  return new GradwireError('ERR_OPTIMIZER', `optimizer: ${what}`);
}
