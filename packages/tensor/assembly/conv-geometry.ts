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
/** Distances in the weight, in floats: of groups, first tap, filters, their channels, and a kernel's rows and columns. */
let groupStep: usize = 0;
let firstTap: usize = 0;
export let filterStep: usize = 0;
export let channelStep: usize = 0;
export let tapRowStep: isize = 0;
export let tapColumnStep: isize = 0;
/** Distances in a tensor like the output, in floats: of planes, of rows, of pixels. */
export let resultPlaneStep: usize = 0;
export let resultRowStep: usize = 0;
export let resultStep: usize = 0;

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
  groupStep = groupOutChannels * columnSize;
  firstTap = 0;
  filterStep = columnSize;
  channelStep = kernelSize;
  tapRowStep = kernelWidth;
  tapColumnStep = 1;
  resultPlaneStep = outSize;
  resultRowStep = outWidth;
  resultStep = 1;
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
  tapRowStep = -tapRowStep;
  tapColumnStep = -tapColumnStep;
  resultPlaneStep = outSize;
  resultRowStep = outWidth;
}

/**
 * Narrows a turned convolution to the results whose row and column, counted from where the padding begins, leave these
 * remainders of the strides. They meet every strideH-th row and strideW-th column of the kernel, in windows that move by 1.
 * Needs dilation 1 where a stride is not.
 */
export function narrowGeometry(remainderH: i32, remainderW: i32): void {
  const padTop = dilationH * (<i32>kernelHeight - 1) - padH, padLeft = dilationW * (<i32>kernelWidth - 1) - padW;
  const top = steps(padTop - remainderH, strideH), left = steps(padLeft - remainderW, strideW);
  const row = remainderH + top * strideH - padTop, column = remainderW + left * strideW - padLeft;
  const rows = steps(<i32>outHeight - row, strideH), columns = steps(<i32>outWidth - column, strideW);
  const tapRows = steps(<i32>kernelHeight - remainderH, strideH), tapColumns = steps(<i32>kernelWidth - remainderW, strideW);
  firstTap = (remainderH + (tapRows - 1) * strideH) * kernelWidth + remainderW + (tapColumns - 1) * strideW;
  tapRowStep *= strideH;
  tapColumnStep *= strideW;
  output += (row * outWidth + column) << 2;
  resultRowStep = outWidth * strideH;
  resultStep = strideW;
  kernelHeight = tapRows;
  kernelWidth = tapColumns;
  outHeight = rows;
  outWidth = columns;
  kernelSize = kernelHeight * kernelWidth;
  outSize = outHeight * outWidth;
  columnSize = groupChannels * kernelSize;
  padH = dilationH * (tapRows - 1) - top;
  padW = dilationW * (tapColumns - 1) - left;
  strideH = strideW = 1;
}

/** How many strides begin in a length. */
function steps(length: i32, stride: i32): i32 {
  return length > 0 ? (length + stride - 1) / stride : 0;
}

/** First plane of a group, of image n, in a tensor like the input. */
@inline
export function inputPlane(n: usize, group: usize): usize {
  return input + (((n * channels + group * groupChannels) * planeSize) << 2);
}

/** First plane of a group, of image n, in a tensor like the output. */
@inline
export function outputPlane(n: usize, group: usize): usize {
  return output + (((n * outChannels + group * groupOutChannels) * resultPlaneStep) << 2);
}

/** First filter of a group. */
@inline
export function groupWeight(group: usize): usize {
  return weight + ((group * groupStep) << 2);
}

/** The first tap of a filter of a group. */
@inline
export function filterAt(group: usize, filter: usize): usize {
  return groupWeight(group) + ((firstTap + filter * filterStep) << 2);
}
