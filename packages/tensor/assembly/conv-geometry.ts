/** The convolution at work on this thread; set once a call. Signed where windows may start in the padding. */
export let input: usize = 0;
export let weight: usize = 0;
/** 0 where there is none. */
export let bias: usize = 0;
export let output: usize = 0;
export let batch: usize = 0;
export let channels: usize = 0;
export let height: i32 = 0;
export let width: i32 = 0;
export let outChannels: usize = 0;
export let kernelWidth: usize = 0;
export let kernelHeight: usize = 0;
export let outHeight: usize = 0;
export let outWidth: usize = 0;
export let strideH: i32 = 0;
export let strideW: i32 = 0;
export let padH: i32 = 0;
export let padW: i32 = 0;
export let dilationH: i32 = 0;
export let dilationW: i32 = 0;
export let groups: usize = 0;

export let groupChannels: usize = 0;
export let groupOutChannels: usize = 0;
/** Elements of an input plane, of an output plane, of a kernel plane. */
export let planeSize: usize = 0;
export let outSize: usize = 0;
export let kernelSize: usize = 0;
/** Products in one output element: rows of the im2col matrix. */
export let columnSize: usize = 0;
/** A 1×1 kernel that meets every input once: the input is its own im2col matrix. */
export let isPointwise: bool = false;
/** Distances in the weight, in floats: of a group's first taps, of filters, of their channels, of the positions of a kernel. */
let firstTap: usize = 0;
export let filterStep: usize = 0;
export let channelStep: usize = 0;
export let positionStep: isize = 0;

export function loadConvGeometry(p: usize): void {
  input = load<u32>(p);
  weight = load<u32>(p, 4);
  bias = load<u32>(p, 8);
  output = load<u32>(p, 12);
  batch = load<u32>(p, 16);
  channels = load<u32>(p, 20);
  height = load<i32>(p, 24);
  width = load<i32>(p, 28);
  outChannels = load<u32>(p, 32);
  kernelHeight = load<u32>(p, 36);
  kernelWidth = load<u32>(p, 40);
  outHeight = load<u32>(p, 44);
  outWidth = load<u32>(p, 48);
  strideH = load<i32>(p, 52);
  strideW = load<i32>(p, 56);
  padH = load<i32>(p, 60);
  padW = load<i32>(p, 64);
  dilationH = load<i32>(p, 68);
  dilationW = load<i32>(p, 72);
  groups = load<u32>(p, 76);
  groupChannels = channels / groups;
  groupOutChannels = outChannels / groups;
  planeSize = height * width;
  outSize = outHeight * outWidth;
  kernelSize = kernelHeight * kernelWidth;
  columnSize = groupChannels * kernelSize;
  isPointwise = kernelSize == 1 && strideH == 1 && strideW == 1 && padH == 0 && padW == 0 && outSize == planeSize;
  firstTap = 0;
  filterStep = columnSize;
  channelStep = kernelSize;
  positionStep = 1;
}

/**
 * Swaps input and output, for windows that move by 1: the gradient of the input is the convolution of that of the output by the
 * turned kernels of each channel. Twice, it undoes itself.
 */
export function turnGeometry(): void {
  const x = input, c = channels, h = height, w = width, g = groupChannels, s = filterStep;
  input = output;
  output = x;
  bias = 0;
  channels = outChannels;
  outChannels = c;
  groupChannels = groupOutChannels;
  groupOutChannels = g;
  height = <i32>outHeight;
  width = <i32>outWidth;
  outHeight = h;
  outWidth = w;
  padH = dilationH * (<i32>kernelHeight - 1) - padH;
  padW = dilationW * (<i32>kernelWidth - 1) - padW;
  planeSize = height * width;
  outSize = outHeight * outWidth;
  columnSize = groupChannels * kernelSize;
  firstTap = kernelSize - 1 - firstTap;
  filterStep = channelStep;
  channelStep = s;
  positionStep = -positionStep;
}

/** First plane of a group, of image n, in a tensor like the input. */
@inline
export function inputPlane(n: usize, group: usize): usize {
  return input + (((n * channels + group * groupChannels) * planeSize) << 2);
}

/** First plane of a group, of image n, in a tensor like the output. */
@inline
export function outputPlane(n: usize, group: usize): usize {
  return output + (((n * outChannels + group * groupOutChannels) * outSize) << 2);
}

/** First filter of a group. */
@inline
export function groupWeight(group: usize): usize {
  return weight + ((group * groupOutChannels * columnSize) << 2);
}

/** The first tap of a filter of a group. */
@inline
export function filterAt(group: usize, filter: usize): usize {
  return groupWeight(group) + ((firstTap + filter * filterStep) << 2);
}
