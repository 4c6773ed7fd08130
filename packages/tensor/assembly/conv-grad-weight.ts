/**
 * gw = Σ over pixels of gy · window, without the im2col matrix. Runs of 4 pixels are read where they lie; the pixels that a row has
 * beyond its runs are gathered, with zeros after the last one, into rows that are again runs.
 */
import {
  batch, columnSize, groupOutChannels, groups, groupWeight, outChannels, outHeight, outputPlane, outSize, outWidth,
  strideH, weight,
} from './conv-geometry';
import { writeOffsets, writePlaces } from './conv-filters';
import { sumPair } from './conv-grad-tile';
import {
  blockColumns, blockImages, blockRows, chooseBlock, fillWindows, openWindows, windowImageBytes, windowRowBytes,
} from './conv-window';
import { gradientOfWeightPlain } from './conv-plain';
import { nextTileRows } from './gemm-tile';
import { workAddress, workBytes } from './scratch';

const BLOCK_PIXELS: usize = 1024;
const FILTERS_MAX: usize = 64;
const WINDOW_BYTES: u64 = 512 << 10;
const SUMS_BYTES: usize = 192;
const ROW_BYTES: usize = (BLOCK_PIXELS + 4) << 2;

/** Where the runs lie in the window and in a plane of gy, and then the single pixels. */
let xPlaces: usize = 0;
let gyPlaces: usize = 0;
let runs: usize = 0;
let rest: usize = 0;
/** Places of runs that follow each other. */
let restPlaces: usize = 0;
let restRows: usize = 0;
let panels: usize = 0;
let offsets: usize = 0;
let weightPlaces: usize = 0;

export function gradientOfWeight(accumulate: bool): void {
  if (!accumulate) memory.fill(weight, 0, (outChannels * columnSize) << 2);
  if (batch * outSize == 0) return;
  xPlaces = workAddress() + SUMS_BYTES;
  gyPlaces = xPlaces + (BLOCK_PIXELS << 2);
  restPlaces = gyPlaces + (BLOCK_PIXELS << 2);
  restRows = restPlaces + BLOCK_PIXELS;
  panels = restRows + 2 * ROW_BYTES;
  offsets = panels + FILTERS_MAX * (ROW_BYTES + 16);
  weightPlaces = offsets + (columnSize << 2);
  const windows = weightPlaces + (columnSize << 2);
  const taken = <u64>(offsets - workAddress()) + (<u64>columnSize << 3);
  if (taken > <u64>workBytes() || !chooseBlock(BLOCK_PIXELS, WINDOW_BYTES, workBytes() - taken)) return gradientOfWeightPlain();
  for (let i: usize = 0; i < BLOCK_PIXELS; i += 4) store<u32>(restPlaces + i, i << 2);
  writeOffsets(offsets);
  writePlaces(weightPlaces);
  for (let group: usize = 0; group < groups; group++) {
    for (let row: usize = 0; row < outHeight; row += blockRows) {
      for (let column: usize = 0; column < outWidth; column += blockColumns) {
        openWindows(row, column, windows);
        for (let n: usize = 0; n < batch; n += blockImages) {
          const images = min(blockImages, batch - n);
          writePixels(images, row, column);
          addBlock(group, n, fillWindows(n, images, group));
        }
      }
    }
  }
}

function writePixels(images: usize, row: usize, column: usize): void {
  const rows = min(blockRows, outHeight - row), columns = min(blockColumns, outWidth - column);
  const runColumns = columns & ~3;
  let count: usize = 0;
  for (let image: usize = 0; image < images; image++) {
    for (let r: usize = 0; r < rows; r++) {
      for (let c: usize = 0; c < runColumns; c += 4) writePixel(count++, image, r, c, row, column);
    }
  }
  runs = count;
  for (let image: usize = 0; image < images; image++) {
    for (let r: usize = 0; r < rows; r++) {
      for (let c = runColumns; c < columns; c++) writePixel(count++, image, r, c, row, column);
    }
  }
  rest = count - runs;
}

function writePixel(i: usize, image: usize, r: usize, c: usize, row: usize, column: usize): void {
  store<u32>(xPlaces + (i << 2), image * windowImageBytes + r * strideH * windowRowBytes + (c << 2));
  store<u32>(gyPlaces + (i << 2), (image * outChannels * outSize + (row + r) * outWidth + column + c) << 2);
}

function addBlock(group: usize, n: usize, x: usize): void {
  for (let o: usize = 0; o < groupOutChannels; o += FILTERS_MAX) {
    const filters = min(groupOutChannels - o, FILTERS_MAX);
    const gw = groupWeight(group) + ((o * columnSize) << 2);
    packGradients(outputPlane(n, group) + ((o * outSize) << 2), filters);
    for (let k: usize = 0; k < columnSize; k += 2) addTaps(k, min(columnSize - k, 2), filters, x, gw);
  }
}

function packGradients(gy: usize, filters: usize): void {
  let to = panels;
  const restRuns = (rest + 3) >> 2;
  while (filters != 0) {
    const rows = nextTileRows(filters);
    for (let i: usize = 0; i < rows; i++, gy += outSize << 2) {
      let at = to + (i << 4);
      for (let run: usize = 0; run < runs; run++, at += rows << 4) {
        v128.store(at, v128.load(gy + load<u32>(gyPlaces + (run << 2))));
      }
      for (let run: usize = 0; run < restRuns; run++, at += rows << 4) {
        v128.store(at, f32x4.splat(0));
        for (let lane: usize = run << 2, end = min(lane + 4, rest); lane < end; lane++) {
          store<f32>(at + ((lane & 3) << 2), load<f32>(gy + load<u32>(gyPlaces + ((runs + lane) << 2))));
        }
      }
    }
    to += (rows * (runs + restRuns)) << 4;
    filters -= rows;
  }
}

function addTaps(k: usize, taps: usize, filters: usize, x: usize, gw: usize): void {
  const sums = workAddress();
  const restRuns = (rest + 3) >> 2;
  const x0 = x + load<u32>(offsets + (k << 2)), x1 = x + load<u32>(offsets + ((k + taps - 1) << 2));
  let panel = panels;
  if (rest != 0) {
    gatherRest(x0, restRows);
    gatherRest(x1, restRows + ROW_BYTES);
  }
  for (let o: usize = 0; o < filters; ) {
    const rows = nextTileRows(filters - o);
    memory.fill(sums, 0, SUMS_BYTES);
    sumPair(rows, runs, panel, xPlaces, x0, x1, sums);
    panel += (rows * runs) << 4;
    if (rest != 0) {
      sumPair(rows, restRuns, panel, restPlaces, restRows, restRows + ROW_BYTES, sums);
      panel += (rows * restRuns) << 4;
    }
    addSums(k, taps, rows, sums, gw + ((o * columnSize) << 2));
    o += rows;
  }
}

/** Adds up the four lanes of each sum, and adds that to where it belongs. */
function addSums(k: usize, taps: usize, rows: usize, sums: usize, gw: usize): void {
  const to0 = gw + load<u32>(weightPlaces + (k << 2)), to1 = gw + load<u32>(weightPlaces + ((k + taps - 1) << 2));
  for (let i: usize = 0; i < rows; i++) {
    const s = v128.load(sums), t = v128.load(sums, 16);
    let pairs = f32x4.add(v128.shuffle<f32>(s, t, 0, 4, 1, 5), v128.shuffle<f32>(s, t, 2, 6, 3, 7));
    pairs = f32x4.add(pairs, v128.shuffle<f32>(pairs, pairs, 2, 3, 0, 1));
    const at = (i * columnSize) << 2;
    store<f32>(to0 + at, load<f32>(to0 + at) + f32x4.extract_lane(pairs, 0));
    if (taps > 1) store<f32>(to1 + at, load<f32>(to1 + at) + f32x4.extract_lane(pairs, 1));
    sums += 32;
  }
}

/** The single pixels, and zeros up to a whole run. */
function gatherRest(x: usize, to: usize): void {
  for (let at = xPlaces + (runs << 2), end = at + (rest << 2); at < end; at += 4, to += 4) store<f32>(to, load<f32>(x + load<u32>(at)));
  v128.store(to, f32x4.splat(0));
}
