/**
 * How long memory lives that no tensor holds for good: as long as a step, or, for a large tensor of a step, as long as its
 * block is wanted. Views share what their tensor has, so a use after the end is found wherever it happens.
 */

/** One call of `step`; `alive` turns false when it returns. */
export class Scope {
  alive = true;
  /** The blocks made in it. */
  readonly blocks: Block[] = [];
}

/** The memory of one large tensor of a step; `alive` turns false when it is given back, at the latest with the step. */
export class Block {
  alive = true;
  /** Moves outwards when the step returns the tensor. */
  step: Scope;
  readonly address: number;
  readonly bytes: number;
  /** Whether code that is not ours has seen it, so that only the end of the step gives it back. */
  pinned = false;
  /** Gradients on their way that lie in it; −1 for what no pass of backward has made. */
  holders = -1;

  constructor(step: Scope, address: number, bytes: number) {
    this.step = step;
    this.address = address;
    this.bytes = bytes;
  }
}
