// What the block of batch normalisation says of a channel, as the kernels of batch-norm.ts and batch-norm-grad.ts and
// their columns need it.

/** Phases of a kernel: take sums over the elements, and use them on the elements. */
export const MEASURE = 1;
export const APPLY = 2;

/** Keeps the moments of a channel, given the mean square around the mean's float32. */
@inline export function storeMoments(p: usize, c: i32, mean: f64, square: f64): void {
  const at = <usize>load<u32>(p, 16) + (<usize>c << 3);
  const off = mean - <f64><f32>mean;
  store<f64>(at, mean);
  store<f64>(at + (<usize>load<i32>(p, 24) << 3), max<f64>(square - off * off, 0));
}

@inline export function meanOf(p: usize, c: i32): f64 {
  return load<f64>(<usize>load<u32>(p, 16) + (<usize>c << 3));
}

/** 1/√(var + eps). */
@inline export function inverseOf(p: usize, c: i32): f64 {
  const variance = load<f64>(<usize>load<u32>(p, 16) + (<usize>(load<i32>(p, 24) + c) << 3));
  return 1 / sqrt<f64>(variance + load<f64>(p, 256));
}

/** Element c of the vector whose address stands at a byte of the block, or `otherwise` if there is none. */
@inline export function elementOf(p: usize, byte: usize, c: i32, otherwise: f64): f64 {
  const address = <usize>load<u32>(p + byte);
  return address == 0 ? otherwise : <f64>load<f32>(address + (<usize>c << 2));
}

/** Keeps the sums of a channel and its gradients of weight and bias; products: Σ dy·(x − the mean's float32). */
@inline export function storeSums(p: usize, c: i32, plain: f64, products: f64): void {
  const mean = meanOf(p, c), around = products - plain * (mean - <f64><f32>mean);
  const at = <usize>load<u32>(p, 36) + (<usize>c << 3);
  store<f64>(at, plain);
  store<f64>(at + (<usize>load<i32>(p, 24) << 3), around);
  const dweight = <usize>load<u32>(p, 40), dbias = <usize>load<u32>(p, 44);
  if (dweight != 0) store<f32>(dweight + (<usize>c << 2), <f32>(around * inverseOf(p, c)));
  if (dbias != 0) store<f32>(dbias + (<usize>c << 2), <f32>plain);
}

/** dx = gradScale·dy + gradSlope·(x − the mean's float32) + gradShift. */
export let gradScale: f32 = 0;
export let gradSlope: f32 = 0;
export let gradShift: f32 = 0;

export function gradCoefficients(p: usize, c: i32): void {
  const mean = meanOf(p, c), inverse = inverseOf(p, c), count = load<f64>(p, 264);
  const at = <usize>load<u32>(p, 36) + (<usize>c << 3);
  const scale = elementOf(p, 8, c, 1) * inverse;
  const slope = (-scale * inverse * inverse * load<f64>(at + (<usize>load<i32>(p, 24) << 3))) / count;
  gradScale = <f32>scale;
  gradSlope = <f32>slope;
  gradShift = <f32>((-scale * load<f64>(at)) / count - slope * (mean - <f64><f32>mean));
}
