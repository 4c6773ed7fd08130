import { GradwireError, noGrad, step, type Tensor } from '@gradwire/tensor';
import { checkNumber } from './check-options.ts';

/**
 * Scales all gradients by maxNorm/(norm + 1e-6) where their common norm is larger than maxNorm (Pascanu et al. 2013), and
 * returns that norm as it was. normType is the p of the norm, or Infinity for the largest absolute value. Parameters
 * without gradient have no part in it. Call it after the gradients of all processes have been summed.
 */
export function clipGradNorm_(
  parameters: Iterable<Tensor>,
  maxNorm: number,
  { normType = 2 }: { readonly normType?: number } = {},
): number {
  checkNumber('maxNorm', maxNorm, 0);
  if (!(normType > 0))
    throw new GradwireError('ERR_OPTIMIZER', `clipGradNorm_: normType must be above 0, got ${normType}`);
  const clipped = [...parameters].filter(({ hasGrad }) => hasGrad);
  return step(() =>
    noGrad(() => {
      const norm = joinNorms(
        clipped.map(({ grad }) => normOf(grad!, normType)),
        normType,
      );
      const scale = Math.min(1, maxNorm / (norm + 1e-6));
      if (scale !== 1) for (const parameter of clipped) parameter.grad = parameter.grad!.mul(scale);
      return norm;
    }),
  );
}

/** Limits every element of the gradients to −clipValue … clipValue. */
export function clipGradValue_(parameters: Iterable<Tensor>, clipValue: number): void {
  checkNumber('clipValue', clipValue, 0);
  step(() =>
    noGrad(() => {
      for (const parameter of parameters) {
        if (parameter.hasGrad) parameter.grad = parameter.grad!.clamp(-clipValue, clipValue);
      }
    }),
  );
}

function normOf(gradient: Tensor, p: number): number {
  if (gradient.size === 0) return 0;
  if (p === 2) return gradient.norm().item();
  if (p === Infinity) return gradient.abs().max().item();
  return gradient.abs().pow(p).sum().item() ** (1 / p);
}

/** The norm of all elements from the norms of their parts, in float64 and in their order. */
function joinNorms(norms: readonly number[], p: number): number {
  if (p === Infinity) return norms.reduce((most, norm) => (norm > most || Number.isNaN(norm) ? norm : most), 0);
  return norms.reduce((sum, norm) => sum + norm ** p, 0) ** (1 / p);
}
