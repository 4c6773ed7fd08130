/** y = bias + w · im2col(x), where the im2col matrix is built in packed panels, a block of pixels at a time. */
import {
  batch, bias, columnSize, groupOutChannels, groups, groupWeight, inputPlane, isPointwise, outputPlane, outSize,
} from './conv-geometry';
import { BLOCK_PIXELS_MAX, fillPanels, openPixelBlock, RUNS_BYTES } from './im2col';
import { multiply } from './gemm-blocks';
import { packA } from './gemm-pack';
import { multiplyPanels } from './gemm-panels';
import { TILE_COLUMNS } from './gemm-tile';
import { workAddress, workBytes, zeros } from './scratch';

/** Products summed before y is written. */
const K_BLOCK: usize = 1024;
const FILTERS_MAX: usize = 2048;
/** A block of the im2col matrix stays in the second-level cache. */
const PANELS_BYTES_MAX: usize = 256 << 10;
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
  const bPanels = aPanels + ((filters * rows) << 2);
  const columnsMax = max(PANELS_BYTES_MAX / (rows << 2), TILE_COLUMNS) & ~(TILE_COLUMNS - 1);
  const columns = min(min(columnsMax, BLOCK_PIXELS_MAX), (outSize + TILE_COLUMNS - 1) & ~(TILE_COLUMNS - 1));
  const window = bPanels + ((columns * rows) << 2);
  const windowBytes = workAddress() + workBytes() - window;
  packA(groupWeight(group) + ((o * columnSize + k) << 2), columnSize << 2, 4, filters, rows, aPanels);
  for (let first: usize = 0; first < outSize; first += columns) {
    const end = min(first + columns, outSize);
    openPixelBlock(first, end, runs, window, windowBytes);
    for (let n: usize = 0; n < batch; n++) {
      const y = outputPlane(n, group) + ((o * outSize + first) << 2);
      fillPanels(inputPlane(n, group), k, k + rows, bPanels, (rows * TILE_COLUMNS) << 2);
      multiplyFrom(k, filters, end - first, rows, aPanels, bPanels, y);
    }
  }
}

/** The first products start from the bias, the others from what y holds. */
function multiplyFrom(k: usize, m: usize, n: usize, rows: usize, aPanels: usize, bPanels: usize, y: usize): void {
  const init = k != 0 ? y : bias != 0 ? biasRows() : zeros();
  const initRow = k != 0 ? outSize << 2 : bias != 0 ? BIAS_ROW : 0;
  const initColumn: usize = k != 0 ? 4 : 0;
  multiplyPanels(
    m, n, rows, aPanels, bPanels, TILE_COLUMNS << 2, (rows * TILE_COLUMNS) << 2, init, initRow, initColumn, y, outSize << 2,
  );
}
