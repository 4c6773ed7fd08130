import { GradwireError } from '@gradwire/tensor';
import { Module } from '../module.ts';

/** Modules by name, in the order in which they were set; the names make their state-dict keys. */
export class ModuleDict<M extends Module = Module> extends Module {
  readonly #items = new Map<string, M>();

  constructor(modules: Readonly<Record<string, M>> = {}) {
    super();
    for (const [name, module] of Object.entries(modules)) this.set(name, module);
  }

  get size(): number {
    return this.#items.size;
  }

  has(name: string): boolean {
    return this.#items.has(name);
  }

  /** Throws GradwireError ERR_SUBMODULE for a name that it does not have. */
  get(name: string): M {
    const module = this.#items.get(name);
    if (module) return module;
    const names = [...this.#items.keys()].join(', ');
    throw new GradwireError('ERR_SUBMODULE', `ModuleDict: there is no module "${name}"; there are: ${names}`);
  }

  /** Throws GradwireError ERR_SUBMODULE for a name that is empty or has a dot, which separates names in keys. */
  set(name: string, module: M): this {
    if (name === '' || name.includes('.')) {
      throw new GradwireError('ERR_SUBMODULE', `ModuleDict: a name must not be empty or have a dot, got "${name}"`);
    }
    this.#items.set(name, module);
    return this;
  }

  keys(): IterableIterator<string> {
    return this.#items.keys();
  }

  [Symbol.iterator](): IterableIterator<[string, M]> {
    return this.#items[Symbol.iterator]();
  }

  override namedChildren(): [string, Module][] {
    return [...this.#items];
  }

  /** @internal */
  override replaceChild(name: string, module: Module): void {
    this.#items.set(name, module as M);
  }

  forward(): never {
    throw new GradwireError('ERR_FORWARD', 'ModuleDict: it has no forward of its own; call the modules in it');
  }
}
