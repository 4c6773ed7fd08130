import {
  defaultGenerator,
  GradwireError,
  heapViews,
  ShapeError,
  zeros,
  type Tensor,
  type TypedArray,
} from '@gradwire/tensor';

export interface RandomCropOptions {
  /** Rows and columns of zeros on every side, of which a crop of the old size keeps a part. */
  readonly padding: number;
}

/**
 * Moves each image of x: [N, C, H, W] by up to `padding` pixels each way, on its own; what comes in from outside is 0,
 * which after normalising is the mean (He et al. 2016, §4.2). Chance comes from the default generator; the result has no
 * gradient and x is left as it is. Throws ShapeError, or GradwireError ERR_DATA_OPTION.
 */
export function randomCrop(x: Tensor, { padding }: RandomCropOptions): Tensor {
  if (!Number.isInteger(padding) || padding < 0) {
    throw new GradwireError('ERR_DATA_OPTION', `randomCrop: padding must be a whole number from 0, got ${padding}`);
  }
  const [, , height, width] = imagesShape('randomCrop', x);
  const generator = defaultGenerator();
  return mapImages(x, (from, to, start, end) => {
    const down = generator.below(2 * padding + 1) - padding;
    const right = generator.below(2 * padding + 1) - padding;
    const [firstColumn, lastColumn] = [Math.max(0, -right), Math.min(width, width - right)];
    for (let plane = start; plane < end; plane += height * width) {
      for (let row = Math.max(0, -down); row < Math.min(height, height - down); row++) {
        const [source, target] = [plane + (row + down) * width + right, plane + row * width];
        for (let column = firstColumn; column < lastColumn; column++) to[target + column] = from[source + column]!;
      }
    }
  });
}

/**
 * Mirrors each image of x: [N, C, H, W] left to right, or leaves it, with a chance of one half, on its own. Chance comes
 * from the default generator; the result has no gradient and x is left as it is. Throws ShapeError.
 */
export function randomHorizontalFlip(x: Tensor): Tensor {
  const [, , , width] = imagesShape('randomHorizontalFlip', x);
  const generator = defaultGenerator();
  return mapImages(x, (from, to, start, end) => {
    const isFlipped = generator.uniform() < 0.5;
    for (let row = start; row < end; row += width) {
      const [first, direction] = isFlipped ? [row + width - 1, -1] : [row, 1];
      for (let column = 0; column < width; column++) to[row + column] = from[first + direction * column]!;
    }
  });
}

/** A tensor like x, each of whose images, elements start to end − 1, `map` writes; zero where it does not. */
function mapImages(x: Tensor, map: (from: TypedArray, to: TypedArray, start: number, end: number) => void): Tensor {
  const source = x.contiguous();
  const result = zeros(x.shape, { dtype: x.dtype });
  const [from, to] = [elements(source), elements(result)];
  const [count = 0, ...image] = x.shape;
  const size = image.reduce((product, length) => product * length, 1);
  for (let i = 0; i < count; i++) map(from, to, i * size, (i + 1) * size);
  return result;
}

/** The elements of a contiguous tensor, which may be one of a step, on the heap itself. */
function elements({ address, size, dtype }: Tensor): TypedArray {
  const { u8, i32, f32, f64 } = heapViews();
  const heap = { uint8: u8, bool: u8, int32: i32, float32: f32, float64: f64 }[dtype];
  const start = address / heap.BYTES_PER_ELEMENT;
  return heap.subarray(start, start + size);
}

function imagesShape(name: string, { shape }: Tensor): readonly [number, number, number, number] {
  if (shape.length === 4) return shape as unknown as readonly [number, number, number, number];
  throw new ShapeError(`${name}: expected images of shape [N, C, H, W], got [${shape.join(', ')}]`);
}
