/** The losses as modules, for those who keep a loss with its options: `new CrossEntropyLoss({ … }).forward(x, y)`. */
import type { Tensor } from '@gradwire/tensor';
import { Module } from '../module.ts';
import { binaryCrossEntropy, binaryCrossEntropyWithLogits, focalLoss, multilabelSoftMarginLoss } from './binary.ts';
import { crossEntropy, nllLoss } from './cross-entropy.ts';
import { klDiv } from './kl-div.ts';
import {
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  marginRankingLoss,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
} from './margin.ts';
import { l1Loss, mseLoss } from './mse.ts';
import { multilabelMarginLoss, multiMarginLoss, softMarginLoss } from './multi-margin.ts';
import { gaussianNllLoss, huberLoss, poissonNllLoss, smoothL1Loss } from './regression.ts';

interface LossModule<Inputs extends Tensor[], Options> extends Module {
  readonly options: Options;
  forward(...inputs: Inputs): Tensor;
}

type LossClass<Inputs extends Tensor[], Options> = new (options?: Options) => LossModule<Inputs, Options>;

/** A module that calls a loss function with options that are fixed when it is made: the reduction, and those named. */
function lossModule<Options extends object>(
  loss: (x: Tensor, y: Tensor, options?: Options) => Tensor,
  ...names: (keyof NoInfer<Options>)[]
): LossClass<[Tensor, Tensor], Options>;
function lossModule<Options extends object>(
  loss: (x: Tensor, y: Tensor, z: Tensor, options?: Options) => Tensor,
  ...names: (keyof NoInfer<Options>)[]
): LossClass<[Tensor, Tensor, Tensor], Options>;
function lossModule(loss: (...call: never[]) => Tensor, ...names: PropertyKey[]): unknown {
  return class extends Module {
    readonly options: object;

    constructor(options: object = {}) {
      super();
      // The defaults are those of the function.
      this.withDefaults<object, object>(
        options,
        Object.fromEntries(['reduction', ...names].map((name) => [name, null])),
      );
      this.options = options;
    }

    forward(...inputs: Tensor[]): Tensor {
      return loss(...([...inputs, this.options] as never[]));
    }
  };
}

export class BCELoss extends lossModule(binaryCrossEntropy, 'weight') {}
export class BCEWithLogitsLoss extends lossModule(binaryCrossEntropyWithLogits, 'weight', 'posWeight') {}
export class CosineEmbeddingLoss extends lossModule(cosineEmbeddingLoss, 'margin') {}
export class CrossEntropyLoss extends lossModule(crossEntropy, 'weight', 'ignoreIndex', 'labelSmoothing') {}
export class FocalLoss extends lossModule(focalLoss, 'alpha', 'gamma') {}
export class GaussianNLLLoss extends lossModule(gaussianNllLoss, 'full', 'eps') {}
export class HingeEmbeddingLoss extends lossModule(hingeEmbeddingLoss, 'margin') {}
export class HuberLoss extends lossModule(huberLoss, 'delta') {}
export class KLDivLoss extends lossModule(klDiv, 'logTarget') {}
export class L1Loss extends lossModule(l1Loss) {}
export class MarginRankingLoss extends lossModule(marginRankingLoss, 'margin') {}
export class MSELoss extends lossModule(mseLoss) {}
export class MultiLabelMarginLoss extends lossModule(multilabelMarginLoss) {}
export class MultiLabelSoftMarginLoss extends lossModule(multilabelSoftMarginLoss) {}
export class MultiMarginLoss extends lossModule(multiMarginLoss, 'p', 'margin', 'weight') {}
export class NLLLoss extends lossModule(nllLoss, 'weight', 'ignoreIndex') {}
export class PoissonNLLLoss extends lossModule(poissonNllLoss, 'logInput', 'full', 'eps') {}
export class SmoothL1Loss extends lossModule(smoothL1Loss, 'beta') {}
export class SoftMarginLoss extends lossModule(softMarginLoss) {}
export class TripletMarginLoss extends lossModule(tripletMarginLoss, 'margin', 'p', 'eps', 'swap') {}
export class TripletMarginWithDistanceLoss extends lossModule(
  tripletMarginWithDistanceLoss,
  'distanceFunction',
  'margin',
  'swap',
) {}
