/**
 * gw = Σ over pixels of gy · window, without the im2col matrix: dot products with runs of 4 pixels, which are read from the
 * window where they lie.
 */
import {
  batch, columnSize, groupOutChannels, groups, groupWeight, outChannels, outHeight, outputPlane, outSize, outWidth, weight,
} from './conv-geometry';
import { writeOffsets, writePlaces } from './conv-filters';
import { sumPair } from './conv-grad-tile';
import { gatherSingles, openPixels, packGradients, runs, singleRuns, writePixels, xPlaces } from './conv-pixels';
import { gradientOfWeightPlain } from './conv-plain';
import { blockColumns, blockImages, blockRows, chooseBlock, fillWindows, openWindows } from './conv-window';
import { nextTileRows } from './gemm-tile';
import { workAddress, workBytes } from './scratch';

const BLOCK_PIXELS: usize = 1024;
const FILTERS_MAX: usize = 64;
/** Windows of at most so many bytes stay in the second-level cache, as does what belongs to them. */
const WINDOW_BYTES: u64 = 512 << 10;
/** The sums of a tile: 6 filters and 2 taps, four lanes each. */
const SUMS_BYTES: usize = 192;
/** Room for all pixels of a block. */
const ROW_BYTES: usize = (BLOCK_PIXELS + 4) << 2;

/** What two taps multiply in the single pixels, and where these runs lie. */
let singleRows: usize = 0;
let singlePlaces: usize = 0;
let panels: usize = 0;
/** Where each tap lies in the window, and in a filter. */
let offsets: usize = 0;
let places: usize = 0;

export function gradientOfWeight(accumulate: bool): void {
  if (!accumulate) memory.fill(weight, 0, (outChannels * columnSize) << 2);
  if (batch * outSize == 0) return;
  const pixels = workAddress() + SUMS_BYTES;
  singlePlaces = pixels + (BLOCK_PIXELS << 3);
  singleRows = singlePlaces + BLOCK_PIXELS;
  panels = singleRows + 2 * ROW_BYTES;
  offsets = panels + FILTERS_MAX * ROW_BYTES;
  places = offsets + (columnSize << 2);
  const taken = <u64>(offsets - workAddress()) + (<u64>columnSize << 3), room: u64 = workBytes();
  if (taken > room || !chooseBlock(BLOCK_PIXELS, WINDOW_BYTES, room - taken)) return gradientOfWeightPlain();
  openPixels(pixels, BLOCK_PIXELS);
  writeOffsets(offsets);
  writePlaces(places);
  for (let i: usize = 0; i < BLOCK_PIXELS; i += 4) store<u32>(singlePlaces + i, i << 2);
  for (let row: usize = 0; row < outHeight; row += blockRows) {
    for (let column: usize = 0; column < outWidth; column += blockColumns) addBlock(row, column);
  }
}

function addBlock(row: usize, column: usize): void {
  openWindows(row, column, places + (columnSize << 2));
  for (let n: usize = 0; n < batch; n += blockImages) {
    const images = min(blockImages, batch - n);
    writePixels(images, row, column);
    for (let group: usize = 0; group < groups; group++) addImages(n, fillWindows(n, images, group), group);
  }
}

function addImages(n: usize, x: usize, group: usize): void {
  for (let o: usize = 0; o < groupOutChannels; o += FILTERS_MAX) {
    const filters = min(groupOutChannels - o, FILTERS_MAX);
    const gw = groupWeight(group) + ((o * columnSize) << 2);
    packGradients(outputPlane(n, group) + ((o * outSize) << 2), filters, panels);
    for (let k: usize = 0; k < columnSize; k += 2) addTaps(k, min(columnSize - k, 2), filters, x, gw);
  }
}

function addTaps(k: usize, taps: usize, filters: usize, x: usize, gw: usize): void {
  const x0 = x + load<u32>(offsets + (k << 2)), x1 = x + load<u32>(offsets + ((k + taps - 1) << 2));
  const sums = workAddress(), others = singleRows + ROW_BYTES;
  gatherSingles(x0, xPlaces, singleRows, 16);
  gatherSingles(x1, xPlaces, others, 16);
  let panel = panels;
  for (let o: usize = 0; o < filters; ) {
    const rows = nextTileRows(filters - o);
    clearSums(sums);
    sumPair(rows, runs, panel, xPlaces, x0, x1, sums);
    panel += (rows * runs) << 4;
    if (singleRuns() != 0) sumPair(rows, singleRuns(), panel, singlePlaces, singleRows, others, sums);
    panel += (rows * singleRuns()) << 4;
    addSums(k, taps, rows, sums, gw + ((o * columnSize) << 2));
    o += rows;
  }
}

/** A loop, since memory.fill is a call out of WebAssembly. */
function clearSums(sums: usize): void {
  for (let at: usize = 0; at < SUMS_BYTES; at += 16) v128.store(sums + at, f32x4.splat(0));
}

/** Adds up the four lanes of each sum, and adds that to where it belongs. */
function addSums(k: usize, taps: usize, rows: usize, sums: usize, gw: usize): void {
  const to0 = gw + load<u32>(places + (k << 2)), to1 = gw + load<u32>(places + ((k + taps - 1) << 2));
  for (let i: usize = 0, at: usize = 0; i < rows; i++, at += columnSize << 2) {
    const s = v128.load(sums), t = v128.load(sums, 16);
    let halves = f32x4.add(v128.shuffle<f32>(s, t, 0, 4, 1, 5), v128.shuffle<f32>(s, t, 2, 6, 3, 7));
    halves = f32x4.add(halves, v128.shuffle<f32>(halves, halves, 2, 3, 0, 1));
    store<f32>(to0 + at, load<f32>(to0 + at) + f32x4.extract_lane(halves, 0));
    if (taps > 1) store<f32>(to1 + at, load<f32>(to1 + at) + f32x4.extract_lane(halves, 1));
    sums += 32;
  }
}
