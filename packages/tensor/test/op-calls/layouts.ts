/** Tensors with the same shape, laid out in memory in different ways. */
import type { Shape } from '../../src/shape.ts';
import type { Tensor } from '../../src/tensor.ts';

interface Layout {
  /** The shape of the memory that a tensor of the given shape is seen in. */
  readonly stored: (shape: Shape) => Shape;
  readonly view: (memory: Tensor, shape: Shape) => Tensor;
}

const stretchedAt = (place: (rank: number) => number): Layout => ({
  stored: (shape) => shape.map((n, d) => (d === place(shape.length) ? 1 : n)),
  view: (memory, shape) => memory.expand(shape),
});

const along = (memory: Tensor, cut: (part: Tensor, dim: number) => Tensor): Tensor =>
  memory.shape.reduce((part, _, dim) => cut(part, dim), memory);

export const LAYOUTS = {
  'row-major': { stored: (shape) => shape, view: (memory) => memory },
  transposed: {
    stored: (shape) => shape.toReversed(),
    view: (memory) => memory.permute(memory.shape.map((_, d) => memory.rank - 1 - d)),
  },
  'every second': {
    stored: (shape) => shape.map((n) => 2 * n + 1),
    view: (memory) => along(memory, (part, dim) => part.slice(dim, 1, part.shape[dim], 2)),
  },
  'a part': {
    stored: (shape) => shape.map((n) => n + 1),
    view: (memory, shape) => along(memory, (part, dim) => part.narrow(dim, 1, shape[dim]!)),
  },
  'its first dimension stretched': stretchedAt(() => 0),
  'its last dimension stretched': stretchedAt((rank) => rank - 1),
} satisfies Record<string, Layout>;

export type LayoutName = keyof typeof LAYOUTS;
