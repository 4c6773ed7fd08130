/** Running sums and products, and the product of everything. */
import { isRecording, record, type Node } from '../autograd.ts';
import { gradientsThrough } from '../autograd/composed.ts';
import { block } from '../kernels/block.ts';
import { kernelsFor } from '../kernels/dispatch.ts';
import { bindLines, linesAround } from '../kernels/lines.ts';
import { dimIndex } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { rowMajor } from './accumulate.ts';
import { to } from './cast.ts';
import { productAlong, runningProduct } from './composed-products.ts';
import { reducedShape } from './dims.ts';
import { reshape } from './reshape.ts';

/** Sums from the first element of dim to each. x: any shape → the same. */
export function cumsum(x: Tensor, dim: number): Tensor {
  return runningSum(x, dim, false);
}

function runningSum(x: Tensor, dim: number, backwards: boolean): Tensor {
  const lines = linesAround('cumsum', x.shape, dim);
  const source = rowMajor(x);
  const out = Tensor.empty(x.shape, x.dtype);
  const kernels = kernelsFor(x.dtype);
  bindLines(out.address, source.address, 0, lines)[6] = Number(backwards);
  kernels.cumsum(block);
  return record(out, cumsumGradient, [x], { dim, backwards });
}
function cumsumGradient(grad: Tensor, { saved }: Node): Tensor[] {
  const { dim, backwards } = saved as { dim: number; backwards: boolean };
  return [runningSum(grad, dim, !backwards)];
}

/** Products from the first element of dim to each. x: any shape → the same. */
export function cumprod(x: Tensor, dim: number): Tensor {
  const out = Tensor.empty(x.shape, x.dtype);
  const source = rowMajor(x);
  const kernels = kernelsFor(x.dtype);
  bindLines(out.address, source.address, 0, linesAround('cumprod', x.shape, dim));
  kernels.cumprod(block);
  return record(out, cumprodGradient, [x], dim);
}
function cumprodGradient(grad: Tensor, { inputs: [x], saved }: Node): (Tensor | null)[] {
  if (isRecording()) {
    const dim = dimIndex('cumprod', saved as number, x.rank);
    return gradientsThrough((factors) => runningProduct(factors, dim), [x], grad);
  }
  const [out, source, dy] = [Tensor.empty(x.shape, x.dtype), rowMajor(x), rowMajor(grad)];
  const kernels = kernelsFor(x.dtype);
  bindLines(out.address, source.address, dy.address, linesAround('cumprod', x.shape, saved as number));
  kernels.cumprodGrad(block);
  return [out];
}

/** The product of all elements, or of those along dim; bool and uint8 multiply as int32. Right also where some are 0. */
export function prod(x: Tensor, dim?: number, keepdim = false): Tensor {
  if (x.dtype === 'bool' || x.dtype === 'uint8') return prod(to(x, 'int32'), dim, keepdim);
  if (dim === undefined) return prod(reshape(x, [-1]), 0);
  const d = dimIndex('prod', dim, x.rank);
  const out = Tensor.empty(reducedShape(x.shape, [d], keepdim), x.dtype);
  const source = rowMajor(x);
  const kernels = kernelsFor(x.dtype);
  bindLines(out.address, source.address, 0, linesAround('prod', x.shape, d));
  kernels.prod(block);
  return record(out, prodGradient, [x], d);
}
function prodGradient(grad: Tensor, { inputs: [x], output, saved }: Node): (Tensor | null)[] {
  if (isRecording() && x.size > 0) {
    return gradientsThrough((factors) => reshape(productAlong(factors, saved as number), output.shape), [x], grad);
  }
  const [out, source, dy] = [Tensor.empty(x.shape, x.dtype), rowMajor(x), rowMajor(grad)];
  const kernels = kernelsFor(x.dtype);
  bindLines(out.address, source.address, dy.address, linesAround('prod', x.shape, saved as number));
  kernels.prodGrad(block);
  return [out];
}
