import type { HeapView, ReferenceKernel } from './heap-view.ts';

/** The argument block of the convolutions; the words are those of assembly/conv.ts. */
function readGeometry({ u32, shift }: HeapView, p: number) {
  const word = (index: number): number => u32[(p >>> 2) + index];
  const start = (index: number): number => word(index) >>> shift;
  return {
    input: start(0),
    weight: start(1),
    bias: word(2) === 0 ? -1 : start(2),
    output: start(3),
    batch: word(4),
    channels: word(5),
    height: word(6),
    width: word(7),
    outChannels: word(8),
    kernelHeight: word(9),
    kernelWidth: word(10),
    outHeight: word(11),
    outWidth: word(12),
    strideH: word(13),
    strideW: word(14),
    padH: word(15),
    padW: word(16),
    dilationH: word(17),
    dilationW: word(18),
    groups: word(19),
    accumulate: word(20) === 1,
  };
}

type Geometry = ReturnType<typeof readGeometry>;

/** Calls `visit` for each product of the convolution with the indices of its input, weight and output element. */
function forEachProduct(g: Geometry, visit: (input: number, weight: number, output: number) => void): void {
  const groupChannels = g.channels / g.groups;
  const groupOutChannels = g.outChannels / g.groups;
  forEachOutput(g, (n, o, oh, ow, output) => {
    const firstChannel = Math.floor(o / groupOutChannels) * groupChannels;
    for (let c = 0; c < groupChannels; c++) {
      for (let kh = 0; kh < g.kernelHeight; kh++) {
        const h = oh * g.strideH - g.padH + kh * g.dilationH;
        if (h < 0 || h >= g.height) continue;
        for (let kw = 0; kw < g.kernelWidth; kw++) {
          const w = ow * g.strideW - g.padW + kw * g.dilationW;
          if (w < 0 || w >= g.width) continue;
          visit(
            g.input + ((n * g.channels + firstChannel + c) * g.height + h) * g.width + w,
            g.weight + ((o * groupChannels + c) * g.kernelHeight + kh) * g.kernelWidth + kw,
            output,
          );
        }
      }
    }
  });
}

function forEachOutput(
  g: Geometry,
  visit: (n: number, o: number, oh: number, ow: number, output: number) => void,
): void {
  let output = g.output;
  for (let n = 0; n < g.batch; n++) {
    for (let o = 0; o < g.outChannels; o++) {
      for (let oh = 0; oh < g.outHeight; oh++) {
        for (let ow = 0; ow < g.outWidth; ow++) visit(n, o, oh, ow, output++);
      }
    }
  }
}

export const conv2d: ReferenceKernel = (heap, p) => {
  const { x } = heap;
  const g = readGeometry(heap, p);
  const sums = new Float64Array(g.batch * g.outChannels * g.outHeight * g.outWidth);
  forEachOutput(g, (_n, o, _oh, _ow, output) => {
    if (g.bias >= 0) sums[output - g.output] = x[g.bias + o];
  });
  forEachProduct(g, (input, weight, output) => (sums[output - g.output] += x[input] * x[weight]));
  x.set(sums, g.output);
};

export const conv2dGradInput: ReferenceKernel = (heap, p) => {
  const { x } = heap;
  const g = readGeometry(heap, p);
  const sums = new Float64Array(g.batch * g.channels * g.height * g.width);
  forEachProduct(g, (input, weight, output) => (sums[input - g.input] += x[weight] * x[output]));
  x.set(sums, g.input);
};

export const conv2dGradWeight: ReferenceKernel = (heap, p) => {
  const { x } = heap;
  const g = readGeometry(heap, p);
  const start = (at: number, size: number): Float64Array =>
    g.accumulate ? Float64Array.from(x.subarray(at, at + size)) : new Float64Array(size);
  const size = g.outChannels * (g.channels / g.groups) * g.kernelHeight * g.kernelWidth;
  const sums = start(g.weight, size);
  forEachProduct(g, (input, weight, output) => (sums[weight - g.weight] += x[input] * x[output]));
  x.set(sums, g.weight);
  if (g.bias < 0) return;
  const biasSums = start(g.bias, g.outChannels);
  forEachOutput(g, (_n, o, _oh, _ow, output) => (biasSums[o] += x[output]));
  x.set(biasSums, g.bias);
};
