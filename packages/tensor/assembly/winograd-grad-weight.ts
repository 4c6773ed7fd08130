/**
 * The gradient of 3 × 3 filters by the adjoint of F(4 × 4, 3 × 3): transformed inputs and transformed gradients of results
 * meet in 36 products [filters, tiles]·[tiles, channels], summed over blocks of tiles; their sum is transformed back once.
 */
import {
  batch, channels, columnSize, groupChannels, groupOutChannels, groups, groupWeight, height, inputPlane, outChannels,
  outHeight, outputPlane, outSize, outWidth, padH, padW, planeSize, width,
} from './conv-geometry';
import { TILE_COLUMNS } from './gemm-tile';
import {
  blockRows, blockTiles, clearStrips, fillGradientStrip, fillStrip, openBlock, openTiles, TILE_BYTES, tileRows, tilesOf,
} from './winograd-block';
import { transformFilterGradients } from './winograd-filter';
import { filtersAtOnce, MATRIX, MATRIX_GAP, STRIP, tilesAtOnce, VALUES } from './winograd-plan';
import { multiplyColumns } from './winograd-product';
import { transformInput, transformOutputGradient } from './winograd-tile';

export function gradientOfWeightTiles(accumulate: bool): void {
  const work = openTiles(batch, outHeight, outWidth);
  const count = filtersAtOnce(groupChannels, groupOutChannels);
  const rows = blockRows(tilesAtOnce(groupChannels, count));
  for (let group: usize = 0; group < groups; group++) {
    for (let filter: usize = 0; filter < groupOutChannels; filter += count) {
      gradientOfFilters(work, rows, group, filter, min(groupOutChannels - filter, count), accumulate);
    }
  }
}

function gradientOfFilters(
  work: usize, rows: usize, group: usize, filter: usize, count: usize, accumulate: bool,
): void {
  const gradientRow = ((count + 3) & ~3) << 2;
  const inputRow = ((groupChannels + TILE_COLUMNS - 1) & ~(TILE_COLUMNS - 1)) << 2;
  const table = work;
  const inputStrips = table + ((tilesOf(rows) + 7) & ~7) * TILE_BYTES;
  const gradientStrips = inputStrips + 4 * STRIP;
  const gradients = inputStrips + VALUES * MATRIX;
  const inputs = gradients + VALUES * MATRIX;
  const sums = inputs + VALUES * MATRIX;
  const sumMatrix = count * inputRow + MATRIX_GAP;
  const filters = groupWeight(group) + ((filter * columnSize) << 2);
  const gy = outputPlane(0, group) + ((filter * outSize) << 2);
  clearStrips(inputStrips, 8);
  memory.fill(sums, 0, VALUES * sumMatrix);
  for (let first: usize = 0; first < tileRows; first += rows) {
    openBlock(first, min(first + rows, tileRows), 0, table);
    transformInputs(inputPlane(0, group), table, inputStrips, inputs, inputRow);
    transformGradients(gy, count, table, gradientStrips, gradients, gradientRow);
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
function transformInputs(x: usize, table: usize, strips: usize, to: usize, row: usize): void {
  const image = (channels * planeSize) << 2;
  for (let channel: usize = 0; channel < groupChannels; channel += 4) {
    for (let lane: usize = 0; lane < 4; lane++) {
      const plane = x + ((min(channel + lane, groupChannels - 1) * planeSize) << 2);
      fillStrip(plane, image, height, width, padH, padW, strips + lane * STRIP);
    }
    for (let tile: usize = 0; tile < blockTiles; tile++) {
      const at = strips + load<u32>(table + tile * TILE_BYTES);
      transformInput(at, at + STRIP, at + 2 * STRIP, at + 3 * STRIP, to + tile * row);
    }
    to += 16;
  }
}

/** Four filters at once, into rows of all filters, a tile a row. */
function transformGradients(
  gy: usize, count: usize, table: usize, strips: usize, to: usize, row: usize,
): void {
  const image = (outChannels * outSize) << 2;
  for (let filter: usize = 0; filter < count; filter += 4) {
    for (let lane: usize = 0; lane < 4; lane++) {
      const plane = gy + ((min(filter + lane, count - 1) * outSize) << 2);
      fillGradientStrip(plane, image, <i32>outHeight, <i32>outWidth, strips + lane * STRIP);
    }
    for (let tile: usize = 0; tile < blockTiles; tile++) {
      const at = strips + load<u32>(table + tile * TILE_BYTES);
      transformOutputGradient(at, at + STRIP, at + 2 * STRIP, at + 3 * STRIP, to + tile * row);
    }
    to += 16;
  }
}
