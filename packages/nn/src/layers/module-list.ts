import { GradwireError } from '@gradwire/tensor';
import { Module } from '../module.ts';

/** Modules in a list, which a plain array would hide; their state-dict names are 0, 1, 2 … Iterate over it to call them. */
export class ModuleList<M extends Module = Module> extends Module {
  readonly #items: M[];

  constructor(modules: Iterable<M> = []) {
    super();
    this.#items = [...modules];
  }

  get length(): number {
    return this.#items.length;
  }

  /** The module at an index; negative ones count from the end. Throws RangeError outside of the list. */
  at(index: number): M {
    const item = this.#items.at(index);
    if (item === undefined) throw new RangeError(`ModuleList: there is no module ${index} of ${this.length}`);
    return item;
  }

  append(module: M): this {
    this.#items.push(module);
    return this;
  }

  [Symbol.iterator](): IterableIterator<M> {
    return this.#items[Symbol.iterator]();
  }

  override namedChildren(): [string, Module][] {
    return this.#items.map((module, i) => [String(i), module]);
  }

  /** @internal */
  override replaceChild(name: string, module: Module): void {
    this.#items[Number(name)] = module as M;
  }

  forward(): never {
    throw new GradwireError('ERR_FORWARD', 'ModuleList: it has no forward of its own; call the modules in it');
  }
}
