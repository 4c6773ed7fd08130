export { checkpointSequential } from './checkpoint-sequential.ts';
export {
  batchedBeamSearch,
  beamSearch,
  type BatchedBeamSearchOptions,
  type BeamSearchLimits,
  type BeamSearchOptions,
  type Hypothesis,
  type LengthPenalty,
  type NextTokens,
} from './decoding/beam-search.ts';
export { chooseToken, type SamplingOptions } from './decoding/choose-token.ts';
export {
  decodeBeams,
  decodeGreedily,
  type CachedDecodeOptions,
  type CachedDecoder,
  type MemoryOptions,
} from './decoding/decode-cached.ts';
export { generate, generateBeams, type GenerateBeamsOptions, type GenerateOptions } from './decoding/generate.ts';
export { greedyDecode, type GreedyOptions } from './decoding/greedy.ts';
export { type CausalModel } from './decoding/next-logits.ts';
export { type SummaryInput } from './forward-trace.ts';
export {
  elu,
  gelu,
  glu,
  hardsigmoid,
  hardswish,
  hardtanh,
  leakyRelu,
  logSigmoid,
  logSoftmax,
  mish,
  prelu,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softmax,
  softmin,
  softplus,
  softsign,
  tanh,
} from './functional.ts';
export * as init from './init.ts';
export {
  ELU,
  GELU,
  GLU,
  LeakyReLU,
  LogSigmoid,
  LogSoftmax,
  Mish,
  ReLU,
  SELU,
  Sigmoid,
  SiLU,
  Softmax,
  Softmax2d,
  Softmin,
  Softplus,
  Softsign,
  Tanh,
  type ReLUOptions,
} from './layers/activations.ts';
export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveAvgPool3d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AdaptiveMaxPool3d,
} from './layers/adaptive-pooling.ts';
export { AlphaDropout, FeatureAlphaDropout } from './layers/alpha-dropout.ts';
export { type AttentionMasks } from './layers/attention-masks.ts';
export { BatchNorm1d, BatchNorm2d, BatchNorm3d, type BatchNormLayerOptions } from './layers/batch-norm.ts';
export { Bilinear } from './layers/bilinear.ts';
export { Hardsigmoid, Hardswish, Hardtanh, ReLU6 } from './layers/bounded-activations.ts';
export { ChannelShuffle } from './layers/channel-shuffle.ts';
export { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from './layers/conv-transpose.ts';
export { Conv1d, Conv2d, Conv3d, type ConvLayerOptions } from './layers/convolution.ts';
export {
  CosineSimilarity,
  cosineSimilarity,
  PairwiseDistance,
  pairwiseDistance,
  type CosineSimilarityOptions,
  type PairwiseDistanceOptions,
} from './layers/distances.ts';
export { Dropout, Dropout1d, Dropout2d, Dropout3d, DropPath, type DropoutLayerOptions } from './layers/dropout.ts';
export { EmbeddingBag, type EmbeddingBagOptions } from './layers/embedding-bag.ts';
export { Embedding, type EmbeddingLayerOptions } from './layers/embedding.ts';
export { type Activation, type TransformerLayerOptions } from './layers/feed-forward.ts';
export { Flatten } from './layers/flatten.ts';
export { Fold, Unfold } from './layers/fold.ts';
export { GroupNorm } from './layers/group-norm.ts';
export { Identity } from './layers/identity.ts';
export { InstanceNorm1d, InstanceNorm2d, InstanceNorm3d } from './layers/instance-norm.ts';
export { KeyValueCache } from './layers/key-value-cache.ts';
export { LayerNorm, RMSNorm } from './layers/layer-norm.ts';
export { Linear } from './layers/linear.ts';
export { LocalResponseNorm, type LocalResponseNormOptions } from './layers/local-response-norm.ts';
export { LPPool1d, LPPool2d, type LpPoolOptions } from './layers/lp-pooling.ts';
export { MaxUnpool1d, MaxUnpool2d, type MaxUnpoolOptions } from './layers/max-unpool.ts';
export { DecoderCache, ModelCache, type DecoderCacheSize, type DecoderLayerCache } from './layers/model-cache.ts';
export { ModuleDict } from './layers/module-dict.ts';
export { ModuleList } from './layers/module-list.ts';
export {
  MultiheadAttention,
  type AttendOptions,
  type MultiheadAttentionOptions,
} from './layers/multihead-attention.ts';
export {
  CircularPad1d,
  CircularPad2d,
  CircularPad3d,
  ConstantPad1d,
  ConstantPad2d,
  ConstantPad3d,
  ReflectionPad1d,
  ReflectionPad2d,
  ReflectionPad3d,
  ReplicationPad1d,
  ReplicationPad2d,
  ReplicationPad3d,
  ZeroPad1d,
  ZeroPad2d,
  ZeroPad3d,
  type Padding,
} from './layers/padding.ts';
export { ParameterDict } from './layers/parameter-dict.ts';
export { ParameterList } from './layers/parameter-list.ts';
export { PixelShuffle, PixelUnshuffle } from './layers/pixel-shuffle.ts';
export { AvgPool1d, AvgPool2d, AvgPool3d, MaxPool1d, MaxPool2d, MaxPool3d } from './layers/pooling.ts';
export {
  LearnedPositionalEmbedding,
  SinusoidalPositionalEncoding,
  sinusoidalPositionalEncoding,
} from './layers/positional-encoding.ts';
export { type PositionOptions } from './layers/positions.ts';
export { PReLU } from './layers/prelu.ts';
export { RotaryEmbedding, type RotaryAngles, type RotaryEmbeddingOptions } from './layers/rotary-embedding.ts';
export { Sequential, type Layer } from './layers/sequential.ts';
export {
  celu,
  CELU,
  hardshrink,
  Hardshrink,
  rrelu,
  RReLU,
  softshrink,
  Softshrink,
  tanhshrink,
  Tanhshrink,
  threshold,
  Threshold,
  type RReluOptions,
} from './layers/shrinkage.ts';
export {
  convertSyncBatchNorm,
  SyncBatchNorm,
  type SumOverWorkers,
  type SyncBatchNormOptions,
} from './layers/sync-batch-norm.ts';
export {
  TransformerDecoderLayer,
  type DecoderLayerOptions,
  type DecoderMasks,
} from './layers/transformer-decoder-layer.ts';
export { TransformerEncoderLayer, type EncoderLayerMasks } from './layers/transformer-encoder-layer.ts';
export {
  TransformerDecoder,
  TransformerEncoder,
  type DecoderOptions,
  type EncoderMasks,
  type StackOptions,
} from './layers/transformer-stacks.ts';
export { Transformer, type TransformerMasks, type TransformerOptions } from './layers/transformer.ts';
export { Unflatten } from './layers/unflatten.ts';
export { Upsample } from './layers/upsample.ts';
export {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  focalLoss,
  multilabelSoftMarginLoss,
  type BceWithLogitsOptions,
  type BinaryCrossEntropyOptions,
  type FocalOptions,
} from './losses/binary.ts';
export { crossEntropy, nllLoss, type CrossEntropyOptions, type NllOptions } from './losses/cross-entropy.ts';
export { CTCLoss, ctcLoss, type CtcLossOptions } from './losses/ctc.ts';
export { klDiv, type KlDivOptions } from './losses/kl-div.ts';
export {
  BCELoss,
  BCEWithLogitsLoss,
  CosineEmbeddingLoss,
  CrossEntropyLoss,
  FocalLoss,
  GaussianNLLLoss,
  HingeEmbeddingLoss,
  HuberLoss,
  KLDivLoss,
  L1Loss,
  MarginRankingLoss,
  MSELoss,
  MultiLabelMarginLoss,
  MultiLabelSoftMarginLoss,
  MultiMarginLoss,
  NLLLoss,
  PoissonNLLLoss,
  SmoothL1Loss,
  SoftMarginLoss,
  TripletMarginLoss,
  TripletMarginWithDistanceLoss,
} from './losses/loss-modules.ts';
export {
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  marginRankingLoss,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
  type MarginOptions,
  type TripletDistanceOptions,
  type TripletOptions,
} from './losses/margin.ts';
export { l1Loss, mseLoss } from './losses/mse.ts';
export {
  multilabelMarginLoss,
  multiMarginLoss,
  softMarginLoss,
  type MultiMarginOptions,
} from './losses/multi-margin.ts';
export { l1Penalty, l2Penalty } from './losses/penalty.ts';
export { type Reduction } from './losses/reduction.ts';
export {
  gaussianNllLoss,
  huberLoss,
  poissonNllLoss,
  smoothL1Loss,
  type GaussianNllOptions,
  type PoissonNllOptions,
} from './losses/regression.ts';
export { accuracy } from './metrics/accuracy.ts';
export { bleu, corpusBleu, type BleuOptions } from './metrics/bleu.ts';
export { classFigures, confusionMatrix, topKAccuracy, type ClassFigures } from './metrics/classification.ts';
export { exactMatch } from './metrics/exact-match.ts';
export { f1Score, precision, recall, type Average } from './metrics/f1-score.ts';
export { perplexity, type PerplexityOptions } from './metrics/perplexity.ts';
export { meanAbsoluteError, meanSquaredError, r2Score } from './metrics/regression.ts';
export { rocAuc } from './metrics/roc-auc.ts';
export { type SummableMetric } from './metrics/summable-metric.ts';
export { type CausalOptions } from './models/causal-context.ts';
export { type SequenceEnds } from './metrics/token-sequences.ts';
export { GPT, type GptOptions } from './models/gpt.ts';
export { Llama, type LlamaOptions } from './models/llama.ts';
export { ResNetCifar, resnetCifar, type ResNetCifarOptions } from './models/resnet-cifar.ts';
export { BasicBlock, Bottleneck, ResNet, resnet18, resnet34, resnet50, type ResNetOptions } from './models/resnet.ts';
export { type ForwardHook, type ForwardPreHook, type FullBackwardHook } from './module-hooks.ts';
export { Module } from './module.ts';
export { Adadelta, type AdadeltaOptions } from './optim/adadelta.ts';
export { Adagrad, type AdagradOptions } from './optim/adagrad.ts';
export { Adam, type AdamOptions } from './optim/adam.ts';
export { Adamax, type AdamaxOptions } from './optim/adamax.ts';
export { AdamW } from './optim/adamw.ts';
export { clipGradNorm_, clipGradValue_ } from './optim/clip-grad.ts';
export { ExponentialMovingAverage, type AverageHandle } from './optim/exponential-moving-average.ts';
export { FlatNorms } from './optim/flat-norms.ts';
export { LAMB, type LambOptions } from './optim/lamb.ts';
export { LARS, type LarsOptions } from './optim/lars.ts';
export { Lion, type LionOptions } from './optim/lion.ts';
export { limitRows, maxNorm_, rowNorms } from './optim/max-norm.ts';
export { NAdam, type NAdamOptions } from './optim/nadam.ts';
export { Optimizer, type Run } from './optim/optimizer.ts';
export { type GroupOptions, type ParamGroup, type Parameters } from './optim/param-group.ts';
export { RAdam, type RAdamOptions } from './optim/radam.ts';
export { RMSprop, type RmspropOptions } from './optim/rmsprop.ts';
export { Rprop, type RpropOptions } from './optim/rprop.ts';
export { SGD, type SgdOptions } from './optim/sgd.ts';
export { Parameter } from './parameter.ts';
export { GRUCell, LSTMCell, RNNCell } from './recurrent/cells.ts';
export { GRU } from './recurrent/gru.ts';
export { LSTM, type LstmOptions } from './recurrent/lstm.ts';
export {
  packPaddedSequence,
  packSequence,
  padPackedSequence,
  padSequence,
  type Lengths,
  type PackedSequence,
  type PadOptions,
} from './recurrent/packed-sequence.ts';
export { type RecurrentOptions } from './recurrent/recurrent-layer.ts';
export { RNN, type RnnOptions } from './recurrent/rnn.ts';
export { ChainedScheduler, type ChainedOptions } from './schedules/chained-scheduler.ts';
export { CosineAnnealingLR, CosineAnnealingWarmRestarts } from './schedules/cosine-annealing.ts';
export { CyclicLR, type CyclicOptions } from './schedules/cyclic-lr.ts';
export { ExponentialLR, LambdaLR, MultiplicativeLR, MultiStepLR, PolynomialLR, StepLR } from './schedules/decay.ts';
export { EarlyStopping, type EarlyStoppingOptions } from './schedules/early-stopping.ts';
export { LRScheduler } from './schedules/lr-scheduler.ts';
export { OneCycleLR, type OneCycleOptions } from './schedules/one-cycle-lr.ts';
export { type PlainValues } from './schedules/plain-values.ts';
export { ReduceLROnPlateau, type PlateauOptions } from './schedules/reduce-lr-on-plateau.ts';
export { SequentialLR, type SequentialOptions } from './schedules/sequential-lr.ts';
export { ConstantLR, InverseSqrtLR, LinearLR } from './schedules/warm-up.ts';
export { type DecoderState } from './seq2seq/decoder-state.ts';
export { Seq2SeqDecoder, type Decoded, type Seq2SeqDecoderOptions } from './seq2seq/decoder.ts';
export { Seq2SeqEncoder, type Encoded, type Seq2SeqEncoderOptions } from './seq2seq/encoder.ts';
export { type GreedyDecoded, type Seq2SeqGreedyOptions } from './seq2seq/greedy.ts';
export { type Cell } from './seq2seq/recurrent.ts';
export { Seq2Seq } from './seq2seq/seq2seq.ts';
export {
  BahdanauAttention,
  LuongAttention,
  SequenceAttention,
  type Attended,
  type LuongScore,
} from './seq2seq/sequence-attention.ts';
export { type TeacherForcingOptions } from './seq2seq/teacher-forcing.ts';
export { type StateDict } from './state-dict.ts';
export { removeWeightNorm, weightNorm } from './weight-norm.ts';
export { type HookHandle } from '@gradwire/tensor';
