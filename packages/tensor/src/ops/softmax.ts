import { isRecording, record, type Node } from '../autograd.ts';
import { readsOutput } from '../autograd/versions.ts';
import { block } from '../kernels/block.ts';
import { kernelsFor, type KernelName } from '../kernels/dispatch.ts';
import { bindLines, linesAround } from '../kernels/lines.ts';
import { dimIndex } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { rowMajor } from './accumulate.ts';
import { mul, sub } from './arithmetic.ts';
import { checkFloat } from './elementwise.ts';
import { max } from './extreme.ts';
import { exp } from './math.ts';
import { sum } from './reduce.ts';
import { maskedFill } from './where.ts';

/** eˣ/Σeˣ along dim, computed from x − max x, so it stays finite. */
export function softmax(x: Tensor, dim: number): Tensor {
  checkFloat('softmax', x);
  return record(alongDim('softmax', x, null, dim), softmaxGradient, [x], dim);
}
function softmaxGradient(grad: Tensor, { output, saved }: Node): Tensor[] {
  if (isRecording()) return [mul(output, sub(grad, sum(mul(grad, output), saved as number, true)))];
  return [alongDim('softmaxGrad', grad, output, saved as number)];
}

/** x − ln Σeˣ along dim. */
export function logSoftmax(x: Tensor, dim: number): Tensor {
  checkFloat('logSoftmax', x);
  return record(alongDim('logSoftmax', x, null, dim), logSoftmaxGradient, [x], dim);
}
function logSoftmaxGradient(grad: Tensor, { output, saved }: Node): Tensor[] {
  if (isRecording()) return [sub(grad, mul(exp(output), sum(grad, saved as number, true)))];
  return [alongDim('logSoftmaxGrad', grad, output, saved as number)];
}

/** ln Σeˣ along dim, finite for any finite x; −∞ for nothing. */
export function logsumexp(x: Tensor, dim: number, keepdim = false): Tensor {
  checkFloat('logsumexp', x);
  if (x.shape[dimIndex('logsumexp', dim, x.rank)] === 0) return sum(x, dim, keepdim).log();
  const most = max(x.detach(), dim, true).values;
  const finite = maskedFill(most, most.abs().eq(Infinity), 0);
  const out = sum(x.sub(finite).exp(), dim, true).log().add(finite);
  return keepdim ? out : out.squeeze(dim);
}

function alongDim(kernel: KernelName, a: Tensor, b: Tensor | null, dim: number): Tensor {
  const lines = linesAround(kernel, a.shape, dim);
  const source = rowMajor(a);
  const out = Tensor.empty(a.shape, a.dtype);
  if (out.size === 0) return out;
  const kernels = kernelsFor(a.dtype);
  bindLines(out.address, source.address, b ? b.address : 0, lines);
  kernels[kernel](block);
  return out;
}

readsOutput(softmaxGradient, logSoftmaxGradient);
