import { record, type Node } from '../autograd.ts';
import { readsNothing } from '../autograd/versions.ts';
import { block, openBlock } from '../kernels/block.ts';
import { kernelsFor } from '../kernels/dispatch.ts';
import { Tensor } from '../tensor.ts';
import { rowMajor } from './accumulate.ts';
import { checkTargets } from './class-targets.ts';

interface Saved {
  readonly target: Tensor;
  readonly weight: Tensor | null;
  readonly ignoreIndex: number;
}

/**
 * Negative log-likelihood of each target. logp: [N, C, ...] log-probabilities, target: [N, ...] int32 classes,
 * weight: [C] or null → losses: −w[t]·logp[t], 0 where t is ignoreIndex, [N, ...]; totalWeight: Σ w[t], a scalar.
 */
export function nll(
  logp: Tensor,
  target: Tensor,
  weight: Tensor | null,
  ignoreIndex: number,
): { losses: Tensor; totalWeight: Tensor } {
  const classes = checkTargets('nll', logp, target, weight, ignoreIndex);
  const source = rowMajor(logp);
  const saved: Saved = { target: rowMajor(target), weight: weight && rowMajor(weight), ignoreIndex };
  const losses = Tensor.empty(target.shape, logp.dtype);
  const totalWeight = Tensor.empty([], logp.dtype);
  const kernels = kernelsFor(logp.dtype);
  const words = bindNll(losses.address, source.address, classes, logp, saved);
  words[8] = totalWeight.address;
  kernels.nll(block);
  return { losses: record(losses, nllGradient, [logp], saved), totalWeight };
}
function nllGradient(grad: Tensor, { inputs: [logp], saved }: Node): Tensor[] {
  const [dlogp, source] = [Tensor.empty(logp.shape, logp.dtype), rowMajor(grad)];
  const kernels = kernelsFor(logp.dtype);
  bindNll(dlogp.address, source.address, logp.shape[1], logp, saved as Saved);
  kernels.nllGrad(block);
  return [record(dlogp, nllBackGradient, [grad], saved)];
}
function nllBackGradient(grad: Tensor, { saved }: Node): Tensor[] {
  const { target, weight, ignoreIndex } = saved as Saved;
  return [nll(grad, target, weight, ignoreIndex).losses]; // the gradient is linear, and this its transpose
}

function bindNll(out: number, a: number, classes: number, logp: Tensor, saved: Saved): Uint32Array {
  const words = openBlock();
  words[0] = out;
  words[1] = a;
  words[2] = saved.target.address;
  words[3] = saved.weight ? saved.weight.address : 0;
  words[4] = logp.shape[0];
  words[5] = classes;
  words[6] = logp.size / Math.max(1, logp.shape[0] * classes);
  words[7] = saved.ignoreIndex;
  return words;
}

readsNothing(nllGradient, nllBackGradient);
