/**
 * Convolutions of 3 × 3 with stride 1 by Winograd's minimal filtering F(4 × 4, 3 × 3) (Lavin & Gray 2016): tiles of inputs
 * and filters are transformed, each of a tile's 36 values is a product of matrices [filters, channels]·[channels, tiles], and
 * what comes out is transformed into 4 × 4 results. A quarter of the multiplications of a direct convolution.
 */
import {
  batch, bias, channels, columnSize, groupChannels, groupOutChannels, groups, groupWeight, height, inputPlane,
  outChannels, outHeight, outputPlane, outSize, outWidth, padH, padW, planeSize, width,
} from './conv-geometry';
import {
  blockRows, blockTiles, clearStrips, fillStrip, openBlock, openTiles, TILE_BYTES, tileRows, tilesOf,
} from './winograd-block';
import { transformFilters } from './winograd-filter';
import { filtersAtOnce, MATRIX, MATRIX_GAP, tilesAtOnce, VALUES } from './winograd-plan';
import { multiplyColumns } from './winograd-product';
import { writeTiles } from './winograd-results';
import { transformInput } from './winograd-tile';

let work: usize = 0;
let source: usize = 0;
let sourceImage: usize = 0;
let sourceChannels: usize = 0;
let sourceHeight: i32 = 0;
let sourceWidth: i32 = 0;
let sourcePadH: i32 = 0;
let sourcePadW: i32 = 0;
let result: usize = 0;
let resultImage: usize = 0;
let resultChannels: usize = 0;
let resultPlane: usize = 0;
let resultRow: usize = 0;

export function convolveTiles(): void {
  work = openTiles(batch, outHeight, outWidth);
  sourceImage = (channels * planeSize) << 2;
  sourceChannels = groupChannels;
  sourceHeight = height;
  sourceWidth = width;
  sourcePadH = padH;
  sourcePadW = padW;
  resultImage = (outChannels * outSize) << 2;
  resultChannels = groupOutChannels;
  resultPlane = outSize << 2;
  resultRow = outWidth << 2;
  for (let group: usize = 0; group < groups; group++) {
    source = inputPlane(0, group);
    result = outputPlane(0, group);
    const groupBias = bias != 0 ? bias + ((group * groupOutChannels) << 2) : 0;
    convolveGroup(groupWeight(group), columnSize << 2, 9 << 2, 4, groupBias);
  }
}

/** The convolution of gy with the filters turned by 180°, from their channels to their inputs. */
export function gradientOfInputTiles(): void {
  work = openTiles(batch, height, width);
  sourceImage = (outChannels * outSize) << 2;
  sourceChannels = groupOutChannels;
  sourceHeight = <i32>outHeight;
  sourceWidth = <i32>outWidth;
  sourcePadH = 2 - padH;
  sourcePadW = 2 - padW;
  resultImage = (channels * planeSize) << 2;
  resultChannels = groupChannels;
  resultPlane = planeSize << 2;
  resultRow = width << 2;
  for (let group: usize = 0; group < groups; group++) {
    source = outputPlane(0, group);
    result = inputPlane(0, group);
    convolveGroup(groupWeight(group) + (8 << 2), 9 << 2, columnSize << 2, -4, 0);
  }
}

function convolveGroup(filters: usize, filterStep: usize, channelStep: usize, tapStep: usize, start: usize): void {
  const count = filtersAtOnce(sourceChannels, resultChannels);
  const rows = blockRows(tilesAtOnce(sourceChannels, count));
  for (let filter: usize = 0; filter < resultChannels; filter += count) {
    const left = min(resultChannels - filter, count);
    const to = result + filter * resultPlane;
    convolveFilters(rows, filters, filterStep, channelStep, tapStep, left, start, to);
    filters += left * filterStep;
    if (start != 0) start += left << 2;
  }
}

function convolveFilters(
  rows: usize, filters: usize, filterStep: usize, channelStep: usize, tapStep: usize, count: usize,
  start: usize, to: usize,
): void {
  const tilesMax = (tilesOf(rows) + 7) & ~7;
  const table = work;
  const strip = table + tilesMax * TILE_BYTES;
  const inputs = strip + VALUES * MATRIX;
  const products = inputs + VALUES * MATRIX;
  const factors = products + VALUES * MATRIX;
  const factorRow = ((count + 3) & ~3) << 2;
  const factorMatrix = sourceChannels * factorRow + MATRIX_GAP;
  transformFilters(
    filters, filterStep, channelStep, tapStep, count, sourceChannels, factors, factorRow, factorMatrix,
  );
  clearStrips(strip, 1);
  for (let first: usize = 0; first < tileRows; first += rows) {
    openBlock(first, min(first + rows, tileRows), resultImage, table);
    const tiles = (blockTiles + 7) & ~7;
    transformInputs(table, tiles, strip, inputs);
    for (let i: usize = 0; i < VALUES; i++) {
      multiplyColumns(
        count, tiles, sourceChannels, factors + i * factorMatrix, factorRow, inputs + i * MATRIX, tiles << 2,
        false, products + i * MATRIX, tiles << 2,
      );
    }
    writeTiles(table, tiles, products, count, start, to, resultPlane, resultRow);
  }
}

function transformInputs(table: usize, tiles: usize, strip: usize, to: usize): void {
  for (let channel: usize = 0; channel < sourceChannels; channel++) {
    const plane = source + ((channel * sourceHeight * sourceWidth) << 2);
    fillStrip(plane, sourceImage, sourceHeight, sourceWidth, sourcePadH, sourcePadW, strip);
    for (let tile: usize = 0; tile < tiles; tile += 4) {
      const entry = table + tile * TILE_BYTES;
      transformInput(
        strip + load<u32>(entry), strip + load<u32>(entry, TILE_BYTES), strip + load<u32>(entry, 2 * TILE_BYTES),
        strip + load<u32>(entry, 3 * TILE_BYTES), to,
      );
      to += 16;
    }
  }
}
