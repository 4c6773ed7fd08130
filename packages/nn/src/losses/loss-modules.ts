/** The losses as modules, for those who keep a loss with its options: `new CrossEntropyLoss({ … }).forward(x, y)`. */
import type { Tensor } from '@gradwire/tensor';
import { Module } from '../module.ts';
import { binaryCrossEntropy, binaryCrossEntropyWithLogits, focalLoss, multilabelSoftMarginLoss } from './binary.ts';
import { crossEntropy, nllLoss } from './cross-entropy.ts';
import { klDiv } from './kl-div.ts';
import { cosineEmbeddingLoss, hingeEmbeddingLoss, marginRankingLoss, tripletMarginLoss } from './margin.ts';
import { l1Loss, mseLoss } from './mse.ts';
import { gaussianNllLoss, huberLoss, poissonNllLoss, smoothL1Loss } from './regression.ts';

type LossFunction<Inputs extends Tensor[], Options> = (...call: [...Inputs, Options?]) => Tensor;

interface LossModule<Inputs extends Tensor[], Options> extends Module {
  readonly options: Options;
  forward(...inputs: Inputs): Tensor;
}

/** A module that calls a loss function with options that are fixed when it is made. */
function lossModule<Inputs extends Tensor[], Options extends object>(
  loss: LossFunction<Inputs, Options>,
): new (options?: Options) => LossModule<Inputs, Options> {
  return class extends Module {
    readonly options: Options;

    constructor(options: Options = {} as Options) {
      super();
      this.options = options;
    }

    forward(...inputs: Inputs): Tensor {
      return loss(...inputs, this.options);
    }
  };
}

export class BCELoss extends lossModule(binaryCrossEntropy) {}
export class BCEWithLogitsLoss extends lossModule(binaryCrossEntropyWithLogits) {}
export class CosineEmbeddingLoss extends lossModule(cosineEmbeddingLoss) {}
export class CrossEntropyLoss extends lossModule(crossEntropy) {}
export class FocalLoss extends lossModule(focalLoss) {}
export class GaussianNLLLoss extends lossModule(gaussianNllLoss) {}
export class HingeEmbeddingLoss extends lossModule(hingeEmbeddingLoss) {}
export class HuberLoss extends lossModule(huberLoss) {}
export class KLDivLoss extends lossModule(klDiv) {}
export class L1Loss extends lossModule(l1Loss) {}
export class MarginRankingLoss extends lossModule(marginRankingLoss) {}
export class MSELoss extends lossModule(mseLoss) {}
export class MultiLabelSoftMarginLoss extends lossModule(multilabelSoftMarginLoss) {}
export class NLLLoss extends lossModule(nllLoss) {}
export class PoissonNLLLoss extends lossModule(poissonNllLoss) {}
export class SmoothL1Loss extends lossModule(smoothL1Loss) {}
export class TripletMarginLoss extends lossModule(tripletMarginLoss) {}
