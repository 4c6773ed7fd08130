import { GradwireError } from '@gradwire/tensor';
import { Module } from '../module.ts';
import type { Parameter } from '../parameter.ts';

/** Parameters in a list, which a plain array would hide; their state-dict names are 0, 1, 2 … */
export class ParameterList extends Module {
  readonly #items: Parameter[];

  constructor(parameters: Iterable<Parameter> = []) {
    super();
    this.#items = [...parameters];
  }

  get length(): number {
    return this.#items.length;
  }

  /** The parameter at an index; negative ones count from the end. Throws RangeError outside of the list. */
  at(index: number): Parameter {
    const item = this.#items.at(index);
    if (item === undefined) throw new RangeError(`ParameterList: there is no parameter ${index} of ${this.length}`);
    return item;
  }

  append(parameter: Parameter): this {
    this.#items.push(parameter);
    return this;
  }

  [Symbol.iterator](): IterableIterator<Parameter> {
    return this.#items[Symbol.iterator]();
  }

  protected override ownParameters(): [string, Parameter][] {
    return this.#items.map((parameter, i) => [String(i), parameter]);
  }

  forward(): never {
    throw new GradwireError('ERR_FORWARD', 'ParameterList: it has no forward; use the parameters in it');
  }
}
