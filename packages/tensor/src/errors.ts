/** An error with a stable `code`; its message says where, what was wrong with the values, and what to do. */
export class GradwireError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Shapes, dimensions or indices that do not fit each other. */
export class ShapeError extends GradwireError {
  constructor(message: string) {
    super('ERR_SHAPE', message);
  }
}

/** An element type that an operation cannot take. */
export class DTypeError extends GradwireError {
  constructor(message: string) {
    super('ERR_DTYPE', message);
  }
}

/** A call that autograd cannot follow: no graph, a released graph, a missing gradient. */
export class AutogradError extends GradwireError {
  constructor(message: string) {
    super('ERR_AUTOGRAD', message);
  }
}

/** The shared heap is full, or a tensor outlived the step that owned its memory. */
export class MemoryError extends GradwireError {
  constructor(message: string) {
    super('ERR_MEMORY', message);
  }
}
