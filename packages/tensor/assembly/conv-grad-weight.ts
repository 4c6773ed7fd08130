/**
 * gw = Σ over images of gy · im2col(x)ᵀ: rows against rows, so both stay as they are. Small images are laid side by side,
 * as many as make the dot products long.
 */
import {
  batch, bias, columnSize, groupOutChannels, groups, groupWeight, inputPlane, outChannels, output, outputPlane,
  outSize, weight,
} from './conv-geometry';
import { fillRows } from './im2col';
import { copyFloats, openPixelBlock, RUNS_BYTES } from './im2col-window';
import { multiplyRows } from './gemm-dot';
import { workAddress, workBytes, zeros } from './scratch';

const BLOCK_PIXELS: usize = 512;
/** Between rows in scratch: room for what a run writes beyond a row, and for rows to fall into different cache sets. */
const ROW_GAP: usize = 16;
const ROW_BYTES: usize = (BLOCK_PIXELS + ROW_GAP) << 2;
const ROWS_MAX: usize = 192;
const FILTERS_MAX: usize = 64;

export function gradientOfWeight(accumulate: bool): void {
  if (batch * outSize == 0) {
    if (!accumulate) memory.fill(weight, 0, (outChannels * columnSize) << 2);
    return;
  }
  const images = max(BLOCK_PIXELS / outSize, 1);
  const blocks = (outSize + BLOCK_PIXELS - 1) / BLOCK_PIXELS;
  // Pixels are dealt out evenly to the blocks, in whole vectors.
  const pixels = ((outSize + blocks - 1) / blocks + 3) & ~3;
  for (let group: usize = 0; group < groups; group++) {
    for (let n: usize = 0; n < batch; n += images) {
      for (let first: usize = 0; first < outSize; first += pixels) {
        const isFirst = n == 0 && first == 0;
        addImages(group, n, min(images, batch - n), first, min(first + pixels, outSize), accumulate || !isFirst);
      }
    }
  }
}

/** Adds what the pixels [first, end) of some images contribute; overwrites gw if not `add`. */
function addImages(group: usize, n: usize, images: usize, first: usize, end: usize, add: bool): void {
  const columns = workAddress() + RUNS_BYTES;
  const gyRows = columns + ROWS_MAX * ROW_BYTES;
  const window = gyRows + FILTERS_MAX * ROW_BYTES;
  const pixels = end - first;
  openPixelBlock(first, end, 1, workAddress(), window, workAddress() + workBytes() - window);
  for (let k: usize = 0; k < columnSize; k += ROWS_MAX) {
    const rows = min(columnSize - k, ROWS_MAX);
    for (let image: usize = 0; image < images; image++) {
      fillRows(inputPlane(n + image, group), k, k + rows, columns + ((image * pixels) << 2), ROW_BYTES);
    }
    for (let o: usize = 0; o < groupOutChannels; o += FILTERS_MAX) {
      const filters = min(groupOutChannels - o, FILTERS_MAX);
      let gy = outputPlane(n, group) + ((o * outSize + first) << 2);
      let gyRow = outSize << 2;
      if (images > 1) {
        gatherRows(gy, images, filters, gyRows);
        gy = gyRows;
        gyRow = ROW_BYTES;
      }
      const gw = groupWeight(group) + ((o * columnSize + k) << 2);
      const gwRow = columnSize << 2;
      multiplyRows(
        filters, rows, images * pixels, gy, gyRow, columns, ROW_BYTES,
        add ? gw : zeros(), add ? gwRow : 0, add ? 4 : 0, gw, gwRow,
      );
    }
  }
}

/** Lays the output planes of several images side by side, a row for each filter. */
function gatherRows(gy: usize, images: usize, filters: usize, to: usize): void {
  for (let image: usize = 0; image < images; image++) {
    for (let o: usize = 0; o < filters; o++) {
      const from = gy + (((image * outChannels + o) * outSize) << 2);
      copyFloats(from, to + o * ROW_BYTES + ((image * outSize) << 2), outSize);
    }
  }
}

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
