import { GradwireError } from '@gradwire/tensor';
import { Module } from '../module.ts';
import type { Parameter } from '../parameter.ts';

/** Parameters by name, in the order in which they were set; the names are their state-dict keys. */
export class ParameterDict extends Module {
  readonly #items = new Map<string, Parameter>();

  constructor(parameters: Readonly<Record<string, Parameter>> = {}) {
    super();
    for (const [name, parameter] of Object.entries(parameters)) this.set(name, parameter);
  }

  get size(): number {
    return this.#items.size;
  }

  has(name: string): boolean {
    return this.#items.has(name);
  }

  /** Throws GradwireError ERR_PARAMETER for a name that it does not have. */
  get(name: string): Parameter {
    const parameter = this.#items.get(name);
    if (parameter) return parameter;
    const names = [...this.#items.keys()].join(', ');
    throw new GradwireError('ERR_PARAMETER', `ParameterDict: there is no parameter "${name}"; there are: ${names}`);
  }

  /** Throws GradwireError ERR_PARAMETER for a name that is empty or has a dot, which separates names in keys. */
  set(name: string, parameter: Parameter): this {
    if (name === '' || name.includes('.')) {
      throw new GradwireError('ERR_PARAMETER', `ParameterDict: a name must not be empty or have a dot, got "${name}"`);
    }
    this.#items.set(name, parameter);
    return this;
  }

  keys(): IterableIterator<string> {
    return this.#items.keys();
  }

  [Symbol.iterator](): IterableIterator<[string, Parameter]> {
    return this.#items[Symbol.iterator]();
  }

  protected override ownParameters(): [string, Parameter][] {
    return [...this.#items];
  }

  forward(): never {
    throw new GradwireError('ERR_FORWARD', 'ParameterDict: it has no forward; use the parameters in it');
  }
}
