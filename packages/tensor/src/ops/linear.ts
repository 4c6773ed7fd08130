import { DELIVERED, leafTarget, record, type Node } from '../autograd.ts';
import { readsInputs } from '../autograd/versions.ts';
import { ShapeError } from '../errors.ts';
import { FROM_BIAS, gemm, OVERWRITE } from '../kernels/gemm.ts';
import { show, sizeOf } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { accumulate, rowMajor } from './accumulate.ts';
import { checkBias, checkSameType } from './layer-operands.ts';
import { matmul, productInto } from './matmul.ts';
import { sum, sumInto } from './reduce.ts';
import { permute, reshape } from './reshape.ts';

type Gradients = (Tensor | null | typeof DELIVERED)[];

/**
 * x·Wᵀ + b. x: [..., in], weight: [out, in], bias: [out] or null → [..., out].
 * Throws ShapeError if the sizes do not fit, DTypeError for different types.
 */
export function linear(x: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  const [outFeatures, inFeatures] = weight.shape;
  if (weight.rank !== 2 || x.shape[x.rank - 1] !== inFeatures) {
    throw new ShapeError(
      `linear: x ${show(x.shape)} must end in ${inFeatures}, the input size of weight ${show(weight.shape)}`,
    );
  }
  checkBias('linear', bias, outFeatures);
  checkSameType('linear', x, weight, bias);
  if (x.rank !== 2) {
    const rows = reshape(x, [sizeOf(x.shape.slice(0, -1)), inFeatures]);
    return reshape(linear(rows, weight, bias), [...x.shape.slice(0, -1), outFeatures]);
  }
  const out = Tensor.empty([x.shape[0], outFeatures], x.dtype);
  const row = bias && rowMajor(bias);
  if (out.size > 0) gemm(out, x, permute(weight.detach(), [1, 0]), row ? FROM_BIAS : OVERWRITE, row);
  return record(out, linearGradient, bias ? [x, weight, bias] : [x, weight]);
}

/** dx = dy·W, dW = dyᵀ·x, db = Σ dy over the rows. */
function linearGradient(grad: Tensor, { inputs: [x, weight, bias] }: Node): Gradients {
  return [
    x.requiresGrad ? matmul(grad, weight) : null,
    weight.requiresGrad ? productInto(weight, permute(grad, [1, 0]), x) : null,
    bias?.requiresGrad ? rowSumInto(bias, grad) : null,
  ];
}

function rowSumInto(bias: Tensor, grad: Tensor): Tensor | typeof DELIVERED {
  const target = leafTarget(bias);
  if (target === null) return sum(grad, 0);
  if (bias.hasGrad) accumulate(target, sum(grad, 0));
  else sumInto(target, grad, 0);
  bias.hasGrad = true;
  return DELIVERED;
}

readsInputs(linearGradient);
