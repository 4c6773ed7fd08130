/**
 * y = bias + w · im2col(x), without the matrix: tiles read the windows of x themselves. Columns that runs of 4 pixels leave
 * over are read again by a last run, or gathered 8 at a time, whichever costs less.
 */
import {
  batch, bias, columnSize, groupOutChannels, groups, kernelWidth, outHeight, outputPlane, outWidth, resultPlaneStep,
  resultStep,
} from './conv-geometry';
import { convolveQuads } from './conv-quads';
import { packFilters, writeOffsets } from './conv-filters';
import {
  BLOCK_PIXELS, GROUP_BYTES, GROUP_PIXELS, groupsEnd, PAIR_BYTES, pairs, pairsEnd, RUNS_BYTES, moveRuns, openRuns,
} from './conv-runs';
import { multiplyPair } from './conv-tile';
import { blockColumns, blockImages, blockRows, chooseBlock, fillWindows, openWindows, windowBytes } from './conv-window';
import { nextTileRows, TILE_ROWS_MAX } from './gemm-tile';
import { borderTile, workAddress, workBytes, zeros } from './scratch';

/** Windows of at most so many bytes stay in the second-level cache. */
const WINDOW_BYTES: u64 = 256 << 10;

/** Images before it are done. */
let firstImage: usize = 0;
/** Offsets of the taps in the window, and in a panel of 8 gathered pixels. */
let offsets: usize = 0;
let panelOffsets: usize = 0;
let gathered: usize = 0;

/** False, and nothing done, if scratch has no room for a window and a few filters. */
export function convolveWindows(): bool {
  firstImage = convolveQuads();
  if (firstImage == batch) return true;
  const tapBytes = <u64>columnSize << 2, room: u64 = workBytes();
  const fixed = RUNS_BYTES + (2 + GROUP_PIXELS) * tapBytes;
  const other = fixed + min(groupOutChannels, TILE_ROWS_MAX) * tapBytes;
  if (other > room || !chooseBlock(BLOCK_PIXELS, WINDOW_BYTES, room - other)) return false;
  const filtersMax = <usize>min((room - fixed - windowBytes()) / tapBytes, groupOutChannels);
  offsets = workAddress() + RUNS_BYTES;
  panelOffsets = offsets + (columnSize << 2);
  gathered = panelOffsets + (columnSize << 2);
  const panels = gathered + columnSize * (GROUP_PIXELS << 2);
  openRuns(workAddress());
  writeOffsets(offsets);
  for (let k: usize = 0; k < columnSize; k++) store<u32>(panelOffsets + (k << 2), k * (GROUP_PIXELS << 2));
  for (let group: usize = 0; group < groups; group++) {
    for (let o: usize = 0; o < groupOutChannels; o += filtersMax) {
      const filters = min(groupOutChannels - o, filtersMax);
      packFilters(group, o, filters, 0, kernelWidth, panels);
      convolveBlocks(group, o, filters, panels, panels + ((filtersMax * columnSize) << 2));
    }
  }
  return true;
}

function convolveBlocks(group: usize, o: usize, filters: usize, panels: usize, windows: usize): void {
  for (let row: usize = 0; row < outHeight; row += blockRows) {
    for (let column: usize = 0; column < outWidth; column += blockColumns) {
      for (let n = firstImage; n < batch; n += blockImages) {
        const images = min(blockImages, batch - n);
        if (moveRuns(images, row, column, overlapPays(filters, min(blockColumns, outWidth - column)))) {
          openWindows(row, column, windows);
        }
        const x = fillWindows(n, images, group);
        multiplyPanels(group, o, filters, panels, x, outputPlane(n, group) + ((o * resultPlaneStep) << 2));
      }
    }
  }
}

/** Whether the columns that are left over by runs of 4 cost less in a run that repeats some than gathered into a group. */
function overlapPays(filters: usize, columns: usize): bool {
  const tiles = (filters + TILE_ROWS_MAX - 1) / TILE_ROWS_MAX;
  return (columns & 3) * (2 * columnSize + (columnSize + 10) * tiles) > 4 * columnSize * tiles;
}

function multiplyPanels(group: usize, o: usize, filters: usize, panels: usize, x: usize, y: usize): void {
  const init = bias != 0 ? bias + ((group * groupOutChannels + o) << 2) : zeros();
  const initStep: usize = bias != 0 ? 4 : 0;
  let panel = panels;
  for (let i: usize = 0; i < filters; ) {
    const rows = nextTileRows(filters - i);
    multiplyPairs(rows, panel, x, init + i * initStep, initStep, y + ((i * resultPlaneStep) << 2));
    panel += (rows * columnSize) << 2;
    i += rows;
  }
  for (let at = pairsEnd; at < groupsEnd; at += GROUP_BYTES) {
    gather(at, x);
    let panel = panels;
    for (let i: usize = 0; i < filters; ) {
      const rows = nextTileRows(filters - i);
      multiplyGroup(rows, panel, at, init + i * initStep, initStep, y + ((i * resultPlaneStep) << 2));
      panel += (rows * columnSize) << 2;
      i += rows;
    }
  }
}

function multiplyPairs(rows: usize, panel: usize, x: usize, init: usize, initStep: usize, y: usize): void {
  const tile = borderTile();
  for (let pair = pairs; pair < pairsEnd; pair += PAIR_BYTES) {
    const x0 = x + load<u32>(pair), x1 = x + load<u32>(pair, 4);
    const y0 = y + load<u32>(pair, 8), y1 = y + load<u32>(pair, 12);
    const first: usize = load<u32>(pair, 16), taps: usize = load<u32>(pair, 20);
    const from = panel + ((first * rows) << 2);
    if (resultStep == 1) {
      multiplyPair(rows, taps, from, offsets + (first << 2), x0, x1, init, initStep, y0, y1, resultPlaneStep << 2);
    } else {
      multiplyPair(rows, taps, from, offsets + (first << 2), x0, x1, init, initStep, tile, tile + 16, 32);
      spreadRuns(tile, rows, y0, y1);
    }
  }
}

/** Stores a tile whose results are not side by side. */
function spreadRuns(tile: usize, rows: usize, y0: usize, y1: usize): void {
  for (; rows != 0; rows--, tile += 32) {
    spread(v128.load(tile), y0);
    spread(v128.load(tile, 16), y1);
    y0 += resultPlaneStep << 2;
    y1 += resultPlaneStep << 2;
  }
}

@inline
function spread(run: v128, to: usize): void {
  const step = resultStep << 2;
  v128.store32_lane(to, run, 0);
  v128.store32_lane(to + step, run, 1);
  v128.store32_lane(to + step * 2, run, 2);
  v128.store32_lane(to + step * 3, run, 3);
}

/** Writes what each tap multiplies in the 8 pixels of a group. */
function gather(group: usize, x: usize): void {
  const p0 = x + load<u32>(group), p1 = x + load<u32>(group, 4), p2 = x + load<u32>(group, 8);
  const p3 = x + load<u32>(group, 12), p4 = x + load<u32>(group, 16), p5 = x + load<u32>(group, 20);
  const p6 = x + load<u32>(group, 24), p7 = x + load<u32>(group, 28);
  let to = gathered;
  for (let tap = offsets, end = offsets + (columnSize << 2); tap < end; tap += 4) {
    const offset: usize = load<u32>(tap);
    store<f32>(to, load<f32>(p0 + offset));
    store<f32>(to, load<f32>(p1 + offset), 4);
    store<f32>(to, load<f32>(p2 + offset), 8);
    store<f32>(to, load<f32>(p3 + offset), 12);
    store<f32>(to, load<f32>(p4 + offset), 16);
    store<f32>(to, load<f32>(p5 + offset), 20);
    store<f32>(to, load<f32>(p6 + offset), 24);
    store<f32>(to, load<f32>(p7 + offset), 28);
    to += GROUP_PIXELS << 2;
  }
}

function multiplyGroup(rows: usize, panel: usize, group: usize, init: usize, initStep: usize, y: usize): void {
  const tile = borderTile();
  multiplyPair(
    rows, columnSize, panel, panelOffsets, gathered, gathered + 16, init, initStep, tile, tile + 16, GROUP_PIXELS << 2,
  );
  for (let i: usize = 0; i < rows; i++) {
    for (let pixel: usize = 0; pixel < GROUP_PIXELS; pixel++) {
      const to = y + load<u32>(group + (pixel << 2), GROUP_PIXELS << 2);
      store<f32>(to, load<f32>(tile + ((i * GROUP_PIXELS + pixel) << 2)));
    }
    y += resultPlaneStep << 2;
  }
}
