import { tensor } from '@gradwire/tensor';

// What of a case's args is positional, and where. Everything else goes into the options object that ends the call.

/** Operations whose order is not "all inputs, then the args as they stand"; numbers are inputs, names are args. */
const OPERATIONS = {
  argmax: [0, 'dim', 'keepdim'],
  argmin: [0, 'dim', 'keepdim'],
  clamp: [0, 'min', 'max'],
  einsum: ['equation', '...'],
  gather: [0, 'dim', 1],
  indexSelect: [0, 'dim', 1],
  max: [0, 'dim', 'keepdim'],
  mean: [0, 'dim', 'keepdim'],
  min: [0, 'dim', 'keepdim'],
  norm: [0, 'dim', 'keepdim'],
  prod: [0, 'dim', 'keepdim'],
  scatter: [0, 'dim', 1, 2],
  scatterAdd: [0, 'dim', 1, 2],
  slice: [0, 'dim', 'start', 'end', 'step'],
  std: [0, 'dim', 'unbiased', 'keepdim'],
  sum: [0, 'dim', 'keepdim'],
  threshold: [0, 'threshold', 'value'],
  var: [0, 'dim', 'unbiased', 'keepdim'],
};

/** Operations that take their inputs as one list. */
const LISTS = ['cat', 'stack'];

/** Required arguments of constructors, in their order. */
const CONSTRUCTORS = {
  AdaptiveAvgPool1d: ['outputSize'],
  AdaptiveAvgPool2d: ['outputSize'],
  AdaptiveMaxPool2d: ['outputSize'],
  AdaptiveMaxPool3d: ['outputSize'],
  ChannelShuffle: ['groups'],
  Fold: ['outputSize', 'kernelSize'],
  LPPool1d: ['normType', 'kernelSize'],
  LPPool2d: ['normType', 'kernelSize'],
  LocalResponseNorm: ['size'],
  MaxUnpool1d: ['kernelSize'],
  MaxUnpool2d: ['kernelSize'],
  Threshold: ['threshold', 'value'],
  Unfold: ['kernelSize'],
  AvgPool1d: ['kernelSize'],
  AvgPool2d: ['kernelSize'],
  AvgPool3d: ['kernelSize'],
  BatchNorm1d: ['numFeatures'],
  BatchNorm2d: ['numFeatures'],
  BatchNorm3d: ['numFeatures'],
  AdaptiveAvgPool3d: ['outputSize'],
  AdaptiveMaxPool1d: ['outputSize'],
  Bilinear: ['in1Features', 'in2Features', 'outFeatures'],
  Conv1d: ['inChannels', 'outChannels', 'kernelSize'],
  Conv2d: ['inChannels', 'outChannels', 'kernelSize'],
  Conv3d: ['inChannels', 'outChannels', 'kernelSize'],
  ConvTranspose1d: ['inChannels', 'outChannels', 'kernelSize'],
  ConvTranspose2d: ['inChannels', 'outChannels', 'kernelSize'],
  ConvTranspose3d: ['inChannels', 'outChannels', 'kernelSize'],
  Embedding: ['numEmbeddings', 'embeddingDim'],
  EmbeddingBag: ['numEmbeddings', 'embeddingDim'],
  GRU: ['inputSize', 'hiddenSize'],
  GRUCell: ['inputSize', 'hiddenSize'],
  GroupNorm: ['numGroups', 'numChannels'],
  InstanceNorm1d: ['numFeatures'],
  InstanceNorm2d: ['numFeatures'],
  LSTM: ['inputSize', 'hiddenSize'],
  LSTMCell: ['inputSize', 'hiddenSize'],
  LayerNorm: ['normalizedShape'],
  Linear: ['inFeatures', 'outFeatures'],
  MaxPool1d: ['kernelSize'],
  MaxPool2d: ['kernelSize'],
  MaxPool3d: ['kernelSize'],
  MultiheadAttention: ['embedDim', 'numHeads'],
  RMSNorm: ['normalizedShape'],
  RNN: ['inputSize', 'hiddenSize'],
  RNNCell: ['inputSize', 'hiddenSize'],
  SyncBatchNorm: ['numFeatures'],
  TransformerDecoderLayer: ['dModel', 'nhead'],
  TransformerEncoderLayer: ['dModel', 'nhead'],
  CircularPad1d: ['padding'],
  CircularPad2d: ['padding'],
  ConstantPad1d: ['padding', 'value'],
  ConstantPad2d: ['padding', 'value'],
  ConstantPad3d: ['padding', 'value'],
  CircularPad3d: ['padding'],
  ReflectionPad3d: ['padding'],
  ZeroPad3d: ['padding'],
  PixelShuffle: ['upscaleFactor'],
  PixelUnshuffle: ['downscaleFactor'],
  ReflectionPad1d: ['padding'],
  ReflectionPad2d: ['padding'],
  ReplicationPad1d: ['padding'],
  ReplicationPad2d: ['padding'],
  ReplicationPad3d: ['padding'],
  Unflatten: ['dim', 'unflattenedSize'],
  ZeroPad1d: ['padding'],
  ZeroPad2d: ['padding'],
};

/** Options that are tensors, and stand as numbers in the JSON of a case. */
const TENSOR_OPTIONS = ['weight', 'posWeight'];

/** The positional arguments of an operation on tensors. */
export function operationArguments(name, inputs, args) {
  if (LISTS.includes(name)) return [inputs, ...Object.values(args)];
  const order = OPERATIONS[name] ?? ['...', ...Object.keys(args)];
  const stray = Object.keys(args).filter((key) => !order.includes(key));
  if (stray.length > 0) throw new Error(`the runner knows no argument ${stray.join(', ')} of ${name}`);
  const list = order.flatMap((item) => {
    if (item === '...') return inputs;
    return [typeof item === 'number' ? inputs[item] : args[item]];
  });
  while (list.length > 0 && list.at(-1) === undefined) list.pop();
  return list;
}

/** The arguments of a constructor: the required ones by position, then the options. */
export function constructorArguments(name, args) {
  const required = CONSTRUCTORS[name] ?? [];
  const options = Object.fromEntries(Object.entries(args).filter(([key]) => !required.includes(key)));
  return [...required.map((key) => args[key]), options];
}

/** The options object of a function of nn. */
export function functionOptions(args) {
  const asOption = ([key, value]) => [
    key,
    TENSOR_OPTIONS.includes(key) && Array.isArray(value) ? tensor(value) : value,
  ];
  return Object.fromEntries(Object.entries(args).map(asOption));
}
