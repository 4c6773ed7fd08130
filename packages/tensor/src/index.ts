import './methods.ts';

export { enableGrad, noGrad, type GradientRule, type Node } from './autograd.ts';
export { recordCustom as record } from './autograd/custom.ts';
export { type BackwardOptions } from './autograd/backward.ts';
export { checkpoint } from './autograd/checkpoint.ts';
export { grad, type GradOptions } from './autograd/grad.ts';
export { type GradientHook, type HookHandle } from './autograd/hooks.ts';
export { traceOperations, type TracedOperation, type Tracer } from './autograd/trace.ts';
export { isRecomputing } from './autograd/recompute.ts';
export { markChanged, readsInputs, readsNothing, readsOutput } from './autograd/versions.ts';
export {
  arange,
  empty,
  eye,
  fromTypedArray,
  full,
  linspace,
  ones,
  onesLike,
  tensor,
  zeros,
  zerosLike,
  type TensorOptions,
} from './create.ts';
export { type DType, type TypedArray } from './dtype.ts';
export { AutogradError, DTypeError, GradwireError, MemoryError, ShapeError } from './errors.ts';
export { FlatParameters, type FlatHandle } from './flat-parameters.ts';
export { FLAT_BLOCK, flatSlices, type FlatSlice } from './flat-slices.ts';
export { readNpy, readNpz, writeNpy, writeNpz } from './formats/numpy.ts';
export { readTorch, readTorchStateDict, type TorchValue } from './formats/torch-file.ts';
export { gradcheck, gradgradcheck, type GradcheckOptions } from './gradcheck.ts';
export { memoryUsage } from './heap/allocate.ts';
export { beginInner, endInner, hasInner, innerMark, isFleeting, keepOnly, seenByOthers } from './heap/inner-results.ts';
export { attachHeap, heapMemory, heapViews, type HeapMemory, type HeapViews } from './heap/memory.ts';
export { step } from './heap/step.ts';
export { blas } from './kernels/blas/sgemm.ts';
export type { BlasChoice } from './kernels/blas/choose.ts';
export {
  kernelBackend,
  kernelVariant,
  useKernels,
  type KernelBackend,
  type KernelVariant,
} from './kernels/dispatch.ts';
export { accumulate } from './ops/accumulate.ts';
export {
  elu,
  gelu,
  glu,
  hardsigmoid,
  hardswish,
  hardtanh,
  leakyRelu,
  logSigmoid,
  mish,
  prelu,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softplus,
  softsign,
  tanh,
} from './ops/activation.ts';
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  type OutputSize,
} from './ops/adaptive-pool.ts';
export { type AttentionOptions } from './ops/attention-call.ts';
export { attentionWeights } from './ops/attention-weights.ts';
export { scaledDotProductAttention, selfAttention } from './ops/attention.ts';
export { batchNorm, type BatchNormOptions } from './ops/batch-norm.ts';
export { type ConvOptions } from './ops/conv-geometry.ts';
export { convTranspose1d, convTranspose2d, type ConvTransposeOptions } from './ops/conv-transpose.ts';
export { conv3d, convTranspose3d } from './ops/conv3d.ts';
export { conv1d, conv2d } from './ops/convolution.ts';
export { ctc, type CtcOptions } from './ops/ctc.ts';
export { dropout, type DropoutOptions } from './ops/dropout.ts';
export { einsum } from './ops/einsum.ts';
export { embedding, type EmbeddingOptions } from './ops/embedding.ts';
export { col2im, im2col, type FoldOptions } from './ops/fold.ts';
export { interpolate, type InterpolateOptions, type InterpolationMode } from './ops/interpolate.ts';
export { cat, stack } from './ops/join.ts';
export { linear } from './ops/linear.ts';
export { matmul } from './ops/matmul.ts';
export { multinomial, type MultinomialOptions } from './ops/multinomial.ts';
export { softmaxNll, type SoftmaxNllOptions } from './ops/cross-entropy.ts';
export { nll } from './ops/nll.ts';
export {
  lambMoments,
  optimizerUpdate,
  type LambMoments,
  type OptimizerRule,
  type OptimizerUpdate,
} from './ops/optimizer-update.ts';
export { pad, type PaddingMode, type PadOptions } from './ops/pad.ts';
export { type PoolOptions } from './ops/pool-geometry.ts';
export { pixelShuffle, pixelUnshuffle } from './ops/pixel-shuffle.ts';
export { avgPool3d, maxPool3d } from './ops/pool3d.ts';
export {
  avgPool1d,
  avgPool2d,
  maxPool1d,
  maxPool1dWithIndices,
  maxPool2d,
  maxPool2dWithIndices,
  type AvgPoolOptions,
  type MaxPoolOptions,
} from './ops/pooling.ts';
export { gru } from './ops/recurrent/gru.ts';
export { lstm, type LstmWeights } from './ops/recurrent/lstm.ts';
export { type RecurrentOptions, type RecurrentWeights } from './ops/recurrent/recurrent-weights.ts';
export { rnn } from './ops/recurrent/rnn.ts';
export { rotary, type RotaryOptions } from './ops/rotary.ts';
export { groupNorm, instanceNorm, layerNorm, rmsNorm, type RowNormOptions } from './ops/row-norm.ts';
export { logSoftmax, softmax } from './ops/softmax.ts';
export { squareSums, type FlatPieces } from './ops/square-sums.ts';
export { type Picked } from './ops/sort.ts';
export { where } from './ops/where.ts';
export { defaultGenerator, manualSeed, rand, randint, randn, randperm } from './random/default-generator.ts';
export { Generator, type GeneratorState } from './random/generator.ts';
export { readSafetensors, writeSafetensors, type SafetensorsFile } from './safetensors.ts';
export { type Shape } from './shape.ts';
export { sizesOf, type Sizes } from './sizes.ts';
export { Tensor, type NestedNumbers, type TensorHandle } from './tensor.ts';
