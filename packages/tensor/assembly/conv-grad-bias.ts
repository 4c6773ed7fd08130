import { batch, bias, outChannels, output, outSize } from './conv-geometry';

/** gbias[o] = the sum of gy over images and pixels, added to what is there if `accumulate`. */
export function gradientOfBias(accumulate: bool): void {
  for (let o: usize = 0; o < outChannels; o++) {
    let sum: f64 = accumulate ? <f64>load<f32>(bias + (o << 2)) : 0;
    for (let n: usize = 0; n < batch; n++) {
      sum += <f64>sumFloats(output + (((n * outChannels + o) * outSize) << 2), outSize);
    }
    store<f32>(bias + (o << 2), <f32>sum);
  }
}

function sumFloats(from: usize, count: usize): f32 {
  let even = f32x4.splat(0);
  let odd = even;
  for (; count >= 8; count -= 8) {
    even = f32x4.add(even, v128.load(from));
    odd = f32x4.add(odd, v128.load(from, 16));
    from += 32;
  }
  const lanes = f32x4.add(even, odd);
  let sum = f32x4.extract_lane(lanes, 0) + f32x4.extract_lane(lanes, 1);
  sum += f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3);
  for (; count != 0; count--) {
    sum += load<f32>(from);
    from += 4;
  }
  return sum;
}
