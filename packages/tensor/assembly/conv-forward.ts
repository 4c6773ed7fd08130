/** y = bias + w · im2col(x), the im2col matrix built a panel at a time, always in the same lines of the nearest cache. */
import {
  batch, bias, columnSize, groupOutChannels, groups, groupWeight, inputPlane, isPointwise, kernelSize, outputPlane,
  outSize,
} from './conv-geometry';
import { fillPanel, fillWindows } from './im2col';
import { BLOCK_PIXELS_MAX, openPixelBlock, RUNS_BYTES } from './im2col-window';
import { multiply } from './gemm-blocks';
import { packA } from './gemm-pack';
import { multiplyPanels } from './gemm-panels';
import { TILE_COLUMNS } from './gemm-tile';
import { workAddress, workBytes, zeros } from './scratch';

/** Products summed before y is written. */
const K_BLOCK: usize = 1024;
const FILTERS_MAX: usize = 2048;
const BIAS_ROW: usize = TILE_COLUMNS << 2;

export function convolve(): void {
  const filtersMax = min(FILTERS_MAX, max(workBytes() / 4 / (min(columnSize, K_BLOCK) << 2), 1));
  for (let group: usize = 0; group < groups; group++) {
    for (let o: usize = 0; o < groupOutChannels; o += filtersMax) {
      const filters = min(groupOutChannels - o, filtersMax);
      if (bias != 0) spreadBias(bias + ((group * groupOutChannels + o) << 2), filters);
      if (isPointwise) convolvePointwise(group, o, filters);
      else for (let k: usize = 0; k < columnSize; k += K_BLOCK) convolveRows(group, o, filters, k);
    }
  }
}

/** Where each filter's bias stands eight times over, a start for its tiles. */
@inline
function biasRows(): usize {
  return workAddress();
}

function spreadBias(from: usize, filters: usize): void {
  for (let i: usize = 0; i < filters; i++) {
    const value = v128.load32_splat(from + (i << 2));
    v128.store(biasRows() + i * BIAS_ROW, value);
    v128.store(biasRows() + i * BIAS_ROW, value, 16);
  }
}

function convolvePointwise(group: usize, o: usize, filters: usize): void {
  const filter = groupWeight(group) + ((o * columnSize) << 2);
  const init = bias != 0 ? biasRows() : zeros();
  const initRow: usize = bias != 0 ? BIAS_ROW : 0;
  const work = biasRows() + FILTERS_MAX * BIAS_ROW;
  for (let n: usize = 0; n < batch; n++) {
    multiply(
      filters, outSize, columnSize, filter, columnSize << 2, 4, inputPlane(n, group), outSize << 2, 4,
      init, initRow, 0, outputPlane(n, group) + ((o * outSize) << 2), outSize << 2, work,
    );
  }
}

/** Adds the products k to k + K_BLOCK of some filters, for all images. */
function convolveRows(group: usize, o: usize, filters: usize, k: usize): void {
  const rows = min(columnSize - k, K_BLOCK);
  const runs = biasRows() + FILTERS_MAX * BIAS_ROW;
  const aPanels = runs + RUNS_BYTES;
  const bPanel = aPanels + ((filters * rows) << 2);
  const windows = bPanel + ((rows * TILE_COLUMNS) << 2);
  const windowBytes = workAddress() + workBytes() - windows;
  const planes = (k + rows - 1) / kernelSize - k / kernelSize + 1;
  packA(groupWeight(group) + ((o * columnSize + k) << 2), columnSize << 2, 4, filters, rows, aPanels);
  for (let first: usize = 0; first < outSize; ) {
    let pixels = min(outSize - first, BLOCK_PIXELS_MAX);
    while (!openPixelBlock(first, first + pixels, planes, runs, windows, windowBytes) && pixels > TILE_COLUMNS) {
      pixels = max(pixels >> 1, TILE_COLUMNS) & ~(TILE_COLUMNS - 1);
    }
    for (let n: usize = 0; n < batch; n++) {
      const x = inputPlane(n, group);
      const y = outputPlane(n, group) + ((o * outSize + first) << 2);
      fillWindows(x, k, k + rows);
      for (let pixel: usize = 0; pixel < pixels; pixel += TILE_COLUMNS) {
        fillPanel(x, pixel / TILE_COLUMNS, k, k + rows, bPanel);
        multiplyFrom(k, filters, min(pixels - pixel, TILE_COLUMNS), rows, aPanels, bPanel, y + (pixel << 2));
      }
    }
    first += pixels;
  }
}

/** The first products start from the bias, the others from what y holds. */
function multiplyFrom(k: usize, m: usize, n: usize, rows: usize, aPanels: usize, bPanel: usize, y: usize): void {
  const init = k != 0 ? y : bias != 0 ? biasRows() : zeros();
  const initRow = k != 0 ? outSize << 2 : bias != 0 ? BIAS_ROW : 0;
  const initColumn: usize = k != 0 ? 4 : 0;
  multiplyPanels(
    m, n, rows, aPanels, bPanel, TILE_COLUMNS << 2, 0, init, initRow, initColumn, y, outSize << 2,
  );
}
