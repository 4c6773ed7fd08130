/** Initialisers: each fills a tensor in place and returns it, drawing from the default generator (manualSeed). */
import { defaultGenerator, GradwireError, ShapeError, type Tensor } from '@gradwire/tensor';

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

export interface KaimingOptions {
  /** Slope of the leaky ReLU behind the layer, where nonlinearity is leakyRelu. */
  a?: number;
  /** Which variance is kept: that of activations (fanIn) or of gradients (fanOut). */
  mode?: 'fanIn' | 'fanOut';
  nonlinearity?: Nonlinearity;
}

/** Uniform in ±gain·√(3/fan) (He et al. 2015); gain is that of a leaky ReLU with slope a, or of `nonlinearity`. */
export function kaimingUniform_(tensor: Tensor, options: KaimingOptions = {}): Tensor {
  const bound = Math.sqrt(3) * kaimingDeviation(tensor, options);
  return uniform_(tensor, -bound, bound);
}

/** Normal with deviation gain/√fan (He et al. 2015). */
export function kaimingNormal_(tensor: Tensor, options: KaimingOptions = {}): Tensor {
  return normal_(tensor, 0, kaimingDeviation(tensor, options));
}

function kaimingDeviation(
  tensor: Tensor,
  { a = 0, mode = 'fanIn', nonlinearity = 'leakyRelu' }: KaimingOptions,
): number {
  return calculateGain(nonlinearity, a) / Math.sqrt(fans(tensor)[mode]);
}

export type Nonlinearity = keyof typeof GAINS;

const GAINS = {
  ...{ linear: () => 1, conv1d: () => 1, conv2d: () => 1, conv3d: () => 1, sigmoid: () => 1 },
  ...{ tanh: () => 5 / 3, relu: () => Math.SQRT2, selu: () => 3 / 4 },
  leakyRelu: (slope: number) => Math.sqrt(2 / (1 + slope * slope)),
} as const satisfies Record<string, (slope: number) => number>;

/** What a layer's deviation is multiplied by to make up for the nonlinearity behind it. slope: of a leaky ReLU. */
export function calculateGain(nonlinearity: Nonlinearity, slope = 0.01): number {
  if (Object.hasOwn(GAINS, nonlinearity)) return GAINS[nonlinearity](slope);
  const known = Object.keys(GAINS).join(', ');
  throw new GradwireError('ERR_OPTION', `init: there is no gain for "${String(nonlinearity)}"; known: ${known}`);
}

/**
 * Normal with the given mean and deviation, drawn again until it lies in [low, high], which are values, not deviations.
 * Throws GradwireError ERR_OPTION if the mean is more than two deviations outside of them.
 */
export function truncNormal_(tensor: Tensor, { mean = 0, std = 1, low = -2, high = 2 } = {}): Tensor {
  if (!(low < high && std > 0 && mean >= low - 2 * std && mean <= high + 2 * std)) {
    const what = `mean ${mean} with deviation ${std} does not fit the range ${low} to ${high}`;
    throw new GradwireError(
      'ERR_OPTION',
      `truncNormal_: ${what}; the mean may be two deviations outside of it at most`,
    );
  }
  const generator = defaultGenerator();
  // In a narrow range most normal numbers miss; even ones hit, and are kept in proportion to the density.
  const peak = density(Math.min(Math.max(mean, low), high));
  const isNarrow = high - low < 2 * std;
  return fillWith(tensor, () => {
    for (;;) {
      const x = isNarrow ? low + (high - low) * generator.uniform() : mean + std * generator.normal();
      if (isNarrow ? generator.uniform() * peak <= density(x) : x >= low && x <= high) return x;
    }
  });
  function density(x: number): number {
    return Math.exp(-0.5 * ((x - mean) / std) ** 2);
  }
}

/**
 * Rows (or columns, if there are fewer of these) at right angles to each other, of length gain (Saxe et al. 2014).
 * tensor: [out, in, ...kernel], seen as a matrix [out, in·kernel].
 */
export function orthogonal_(tensor: Tensor, gain = 1): Tensor {
  fans(tensor);
  const [rows, columns] = [tensor.shape[0], tensor.size / tensor.shape[0]];
  const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
  const generator = defaultGenerator();
  const basis: Float64Array[] = [];
  for (let i = 0; i < count; i++) {
    const vector = Float64Array.from({ length }, () => generator.normal());
    // Gram and Schmidt; twice, since the first pass leaves what was rounded.
    for (const earlier of [...basis, ...basis]) addScaled(vector, earlier, -dot(vector, earlier));
    const norm = Math.sqrt(dot(vector, vector));
    basis.push(vector.map((x) => x / norm));
  }
  let next = 0;
  return fillWith(tensor, () => {
    const [row, column] = [Math.floor(next / columns), next++ % columns];
    return gain * (rows <= columns ? basis[row][column] : basis[column][row]);
  });
}

/** Normal with the given deviation, but in each column a part of `sparsity`, rounded up, is 0 (Martens 2010). tensor: [out, in]. */
export function sparse_(tensor: Tensor, sparsity: number, std = 0.01): Tensor {
  const [rows, columns] = matrixShape('sparse_', tensor);
  normal_(tensor, 0, std);
  const view = tensor.view();
  const generator = defaultGenerator();
  const zerosPerColumn = Math.ceil(sparsity * rows);
  for (let column = 0; column < columns; column++) {
    const order = Array.from({ length: rows }, (_, i) => ({ i, key: generator.uniform() }));
    order.sort((a, b) => a.key - b.key);
    for (const { i } of order.slice(0, zerosPerColumn)) view[i * columns + column] = 0;
  }
  return tensor;
}

/** The identity matrix. tensor: [out, in]. */
export function eye_(tensor: Tensor): Tensor {
  const [, columns] = matrixShape('eye_', tensor);
  let next = 0;
  return fillWith(tensor, () => {
    const [row, column] = [Math.floor(next / columns), next++ % columns];
    return row === column ? 1 : 0;
  });
}

/** A convolution that hands its channels on, as far as there are as many outputs, in each of `groups`. tensor: [out, in, ...kernel]. */
export function dirac_(tensor: Tensor, groups = 1): Tensor {
  const [out, inputs, ...kernel] = tensor.shape;
  if (tensor.rank < 3 || tensor.rank > 5 || out % groups !== 0) {
    throw new ShapeError(
      `dirac_: [${tensor.shape.join(', ')}] is no [out, in, ...kernel] with out in ${groups} groups`,
    );
  }
  zeros_(tensor);
  const view = tensor.view();
  const kernelSize = kernel.reduce((product, size) => product * size, 1);
  const middle = kernel.reduce((index, size) => index * size + Math.floor(size / 2), 0);
  for (let i = 0; i < out; i++) {
    const channel = i % (out / groups);
    if (channel < inputs) view[(i * inputs + channel) * kernelSize + middle] = 1;
  }
  return tensor;
}

function matrixShape(where: string, { shape }: Tensor): readonly number[] {
  if (shape.length === 2) return shape;
  throw new ShapeError(`${where}: [${shape.join(', ')}] is no matrix [out, in]`);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function addScaled(to: Float64Array, from: Float64Array, scale: number): void {
  for (let i = 0; i < to.length; i++) to[i] += scale * from[i];
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
