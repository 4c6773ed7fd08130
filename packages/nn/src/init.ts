/** Initialisers: each fills a tensor in place and returns it, drawing from the default generator (manualSeed). */
import { defaultGenerator, ShapeError, type Tensor } from '@gradwire/tensor';

/** Uniform in [low, high). */
export function uniform_(tensor: Tensor, low = 0, high = 1): Tensor {
  const generator = defaultGenerator();
  return fillWith(tensor, () => low + (high - low) * generator.uniform());
}

/** Normal with the given mean and standard deviation. */
export function normal_(tensor: Tensor, mean = 0, std = 1): Tensor {
  const generator = defaultGenerator();
  return fillWith(tensor, () => mean + std * generator.normal());
}

export function constant_(tensor: Tensor, value: number): Tensor {
  return fillWith(tensor, () => value);
}

export function zeros_(tensor: Tensor): Tensor {
  return constant_(tensor, 0);
}

export function ones_(tensor: Tensor): Tensor {
  return constant_(tensor, 1);
}

/** Uniform in ±gain·√(6/(fanIn + fanOut)) (Glorot & Bengio 2010). tensor: [out, in, ...kernel]. */
export function xavierUniform_(tensor: Tensor, gain = 1): Tensor {
  const { fanIn, fanOut } = fans(tensor);
  const bound = gain * Math.sqrt(6 / (fanIn + fanOut));
  return uniform_(tensor, -bound, bound);
}

/** Normal with deviation gain·√(2/(fanIn + fanOut)) (Glorot & Bengio 2010). */
export function xavierNormal_(tensor: Tensor, gain = 1): Tensor {
  const { fanIn, fanOut } = fans(tensor);
  return normal_(tensor, 0, gain * Math.sqrt(2 / (fanIn + fanOut)));
}

/** Uniform in ±√(6/((1 + a²)·fanIn)) (He et al. 2015); a: slope of the leaky ReLU behind the layer. */
export function kaimingUniform_(tensor: Tensor, { a = 0 }: { a?: number } = {}): Tensor {
  const bound = Math.sqrt(6 / ((1 + a * a) * fans(tensor).fanIn));
  return uniform_(tensor, -bound, bound);
}

/** Normal with deviation √(2/((1 + a²)·fanIn)) (He et al. 2015). */
export function kaimingNormal_(tensor: Tensor, { a = 0 }: { a?: number } = {}): Tensor {
  return normal_(tensor, 0, Math.sqrt(2 / ((1 + a * a) * fans(tensor).fanIn)));
}

/** Inputs and outputs of one unit. tensor: [out, in, ...kernel]. */
export function fans({ shape }: Tensor): { fanIn: number; fanOut: number } {
  if (shape.length < 2)
    throw new ShapeError(`init: [${shape.join(', ')}] has no fan; it needs the dimensions [out, in, ...]`);
  const kernel = shape.slice(2).reduce((product, size) => product * size, 1);
  return { fanIn: shape[1] * kernel, fanOut: shape[0] * kernel };
}

function fillWith(tensor: Tensor, draw: () => number): Tensor {
  const view = tensor.view();
  for (let i = 0; i < view.length; i++) view[i] = draw();
  return tensor;
}
