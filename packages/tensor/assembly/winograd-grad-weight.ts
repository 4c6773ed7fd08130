/**
 * The gradient of 3 × 3 filters by the adjoint of F(4 × 4, 3 × 3): transformed inputs and transformed gradients of results
 * meet in 36 products [filters, tiles]·[tiles, channels], summed over blocks of tiles; their sum is transformed back once.
 */
import {
  batch, channels, columnSize, groupChannels, groupOutChannels, groups, groupWeight, height, inputPlane, outChannels, outHeight,
  outputPlane, outSize, outWidth, padH, padW, planeSize, width,
} from './conv-geometry';
import { TILE_COLUMNS } from './gemm-tile';
import { workAddress } from './scratch';
import {
  blockRows, blockTiles, fillWindows, openBlock, openTiles, TILE_BYTES, tileRows, tilesOf, windowBytes, windowRow,
} from './winograd-block';
import { FILTER_WORK_BYTES, transformFilterGradients } from './winograd-filter';
import { filtersAtOnce, MATRIX, MATRIX_GAP, tilesAtOnce, VALUES } from './winograd-plan';
import { multiplyColumns } from './winograd-product';
import { transformInput, transformOutputGradient } from './winograd-tile';

export function gradientOfWeightTiles(accumulate: bool): void {
  openTiles(batch, outHeight, outWidth);
  const count = filtersAtOnce(groupChannels, groupOutChannels);
  const rows = blockRows(tilesAtOnce(groupChannels, count));
  for (let group: usize = 0; group < groups; group++) {
    for (let filter: usize = 0; filter < groupOutChannels; filter += count) {
      gradientOfFilters(rows, group, filter, min(groupOutChannels - filter, count), accumulate);
    }
  }
}

function gradientOfFilters(rows: usize, group: usize, filter: usize, count: usize, accumulate: bool): void {
  const gradientRow = ((count + 3) & ~3) << 2;
  const inputRow = ((groupChannels + TILE_COLUMNS - 1) & ~(TILE_COLUMNS - 1)) << 2;
  const table = workAddress() + FILTER_WORK_BYTES;
  const windows = table + ((tilesOf(rows) + 7) & ~7) * TILE_BYTES;
  const gradients = windows + 4 * windowBytes(rows);
  const inputs = gradients + VALUES * MATRIX;
  const sums = inputs + VALUES * MATRIX;
  const sumMatrix = count * inputRow + MATRIX_GAP;
  const filters = groupWeight(group) + ((filter * columnSize) << 2);
  const gy = outputPlane(0, group) + ((filter * outSize) << 2);
  memory.fill(sums, 0, VALUES * sumMatrix);
  for (let first: usize = 0; first < tileRows; first += rows) {
    openBlock(first, min(first + rows, tileRows), 0, table);
    transformInputs(inputPlane(0, group), table, windows, windowBytes(rows), inputs);
    transformGradients(gy, count, table, windows, windowBytes(rows), gradients);
    for (let i: usize = 0; i < VALUES; i++) {
      multiplyColumns(
        count, inputRow >> 2, blockTiles, gradients + i * MATRIX, gradientRow, inputs + i * MATRIX, inputRow,
        true, sums + i * sumMatrix, inputRow,
      );
    }
  }
  transformFilterGradients(sums, inputRow, sumMatrix, count, groupChannels, filters, accumulate);
}

/** Four channels at once, into rows of all channels, a tile a row. Channels that are not there repeat the last one. */
function transformInputs(x: usize, table: usize, windows: usize, bytes: usize, matrices: usize): void {
  const image = (channels * planeSize) << 2;
  const row = ((groupChannels + TILE_COLUMNS - 1) & ~(TILE_COLUMNS - 1)) << 2;
  memory.fill(windows, 0, 4 * bytes);
  for (let channel: usize = 0; channel < groupChannels; channel += 4) {
    for (let lane: usize = 0; lane < 4; lane++) {
      const plane = x + ((min(channel + lane, groupChannels - 1) * planeSize) << 2);
      fillWindows(plane, image, height, width, padH, padW, windows + lane * bytes);
    }
    let line = channel << 2;
    for (let tile: usize = 0; tile < blockTiles; tile++) {
      const at = windows + load<u32>(table + tile * TILE_BYTES);
      transformInput(at, at + bytes, at + 2 * bytes, at + 3 * bytes, windowRow(), matrices, line);
      line += row;
    }
  }
}

/** Four filters at once, into rows of all filters, a tile a row. */
function transformGradients(
  gy: usize, count: usize, table: usize, windows: usize, bytes: usize, matrices: usize,
): void {
  const image = (outChannels * outSize) << 2;
  const row = ((count + 3) & ~3) << 2;
  memory.fill(windows, 0, 4 * bytes);
  for (let filter: usize = 0; filter < count; filter += 4) {
    for (let lane: usize = 0; lane < 4; lane++) {
      const plane = gy + ((min(filter + lane, count - 1) * outSize) << 2);
      fillWindows(plane, image, <i32>outHeight, <i32>outWidth, 0, 0, windows + lane * bytes);
    }
    let line = filter << 2;
    for (let tile: usize = 0; tile < blockTiles; tile++) {
      const at = windows + load<u32>(table + tile * TILE_BYTES);
      transformOutputGradient(at, at + bytes, at + 2 * bytes, at + 3 * bytes, windowRow(), matrices, line);
      line += row;
    }
  }
}
