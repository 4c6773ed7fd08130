/** Convolutions with windows of which scratch has no room for a single one: product by product, checked against the borders. */
import {
  batch, bias, channelStep, dilationH, dilationW, filterAt, groupChannels, groupOutChannels, groups, height, inputPlane,
  kernelHeight, kernelWidth, outHeight, outputPlane, outSize, outWidth, padH, padW, planeSize, strideH,
  strideW, width,
} from './conv-geometry';

export function convolvePlain(): void {
  for (let n: usize = 0; n < batch; n++) {
    for (let group: usize = 0; group < groups; group++) {
      let y = outputPlane(n, group);
      for (let o: usize = 0; o < groupOutChannels; o++) {
        const start: f32 = bias != 0 ? load<f32>(bias + ((group * groupOutChannels + o) << 2)) : 0;
        for (let pixel: usize = 0; pixel < outSize; pixel++, y += 4) {
          store<f32>(y, start + <f32>sumOfWindow(inputPlane(n, group), filterAt(group, o), pixel));
        }
      }
    }
  }
}

function sumOfWindow(planes: usize, filter: usize, pixel: usize): f64 {
  let sum: f64 = 0;
  for (let channel: usize = 0; channel < groupChannels; channel++) {
    for (let position: usize = 0; position < kernelHeight * kernelWidth; position++) {
      const at = placeOf(pixel, position);
      if (at < 0) continue;
      const x = load<f32>(planes + ((channel * planeSize + at) << 2));
      sum += <f64>x * <f64>load<f32>(filter + ((channel * channelStep + position) << 2));
    }
  }
  return sum;
}

/** Adds to gw. */
export function gradientOfWeightPlain(): void {
  for (let group: usize = 0; group < groups; group++) {
    for (let o: usize = 0; o < groupOutChannels; o++) {
      for (let channel: usize = 0; channel < groupChannels; channel++) {
        for (let position: usize = 0; position < kernelHeight * kernelWidth; position++) {
          const gw = filterAt(group, o) + ((channel * channelStep + position) << 2);
          store<f32>(gw, load<f32>(gw) + <f32>sumOfPixels(group, o, channel, position));
        }
      }
    }
  }
}

function sumOfPixels(group: usize, o: usize, channel: usize, position: usize): f64 {
  let sum: f64 = 0;
  for (let n: usize = 0; n < batch; n++) {
    const plane = inputPlane(n, group) + ((channel * planeSize) << 2);
    const gy = outputPlane(n, group) + ((o * outSize) << 2);
    for (let pixel: usize = 0; pixel < outSize; pixel++) {
      const at = placeOf(pixel, position);
      if (at >= 0) sum += <f64>load<f32>(plane + (<usize>at << 2)) * <f64>load<f32>(gy + (pixel << 2));
    }
  }
  return sum;
}

/** Where in its plane a pixel's window has a position of the kernel; -1 in the padding. */
function placeOf(pixel: usize, position: usize): i32 {
  const h = <i32>(pixel / outWidth) * strideH - padH + <i32>(position / kernelWidth) * dilationH;
  const w = <i32>(pixel % outWidth) * strideW - padW + <i32>(position % kernelWidth) * dilationW;
  return h >= 0 && h < height && w >= 0 && w < width ? h * width + w : -1;
}
