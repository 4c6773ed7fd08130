/**
 * The planes of a batch cut into squares of 4 × 4 results, the *tiles*, and the inputs of a block of them: some whole rows
 * of tiles, of one image or of several. A *strip* holds what the block needs of one channel, transformed down its columns:
 * six lines, DOWN bytes apart, in which the rows of tiles lie one after another, with what is padding left and right.
 */
import { workAddress } from './scratch';
import { FILTER_WORK_BYTES } from './winograd-filter';
import { inputLine, outputGradientLine } from './winograd-line';
import { DOWN, LINE_BYTES, STRIP, TILE_SIZE, tilesAlong } from './winograd-plan';

/** What is known of a tile: where it begins in a strip and in the first plane of results, and its extent there. */
export const TILE_BYTES: usize = 16;
export const RESULT: usize = 4;
export const ROWS: usize = 8;
export const COLUMNS: usize = 12;

let tilesHigh: usize = 0;
let tilesWide: usize = 0;
/** Rows of tiles, of all images. */
export let tileRows: usize = 0;
let resultHeight: usize = 0;
let resultWidth: usize = 0;
let blockFirst: usize = 0;
let blockEnd: usize = 0;
export let blockTiles: usize = 0;

/** Zeros, for lines in the padding. */
@inline
function zeroLine(): usize {
  return workAddress() + FILTER_WORK_BYTES;
}

/** Where the memory of a block may begin. */
export function openTiles(images: usize, height: usize, width: usize): usize {
  resultHeight = height;
  resultWidth = width;
  tilesHigh = tilesAlong(height);
  tilesWide = tilesAlong(width);
  tileRows = images * tilesHigh;
  memory.fill(zeroLine(), 0, LINE_BYTES);
  return zeroLine() + LINE_BYTES;
}

/** Rows in a block of at most `tiles` tiles, but at least one; a number that fills whole vectors of 8, if there is one. */
export function blockRows(tiles: usize): usize {
  const rows = max(tiles / tilesWide, 1);
  for (let whole = rows; whole != 0; whole--) if (((whole * tilesWide) & 7) == 0) return min(whole, tileRows);
  return min(rows, tileRows);
}

@inline
export function tilesOf(rows: usize): usize {
  return rows * tilesWide;
}

/** Bytes of a row of tiles in a strip. */
@inline
function rowBytes(): usize {
  return (TILE_SIZE * tilesWide + 2) << 2;
}

/**
 * Makes the rows [first, end) of tiles the block, and writes TILE_BYTES for each tile to `table`; `image` is the step from
 * image to image of the results. The last tile is repeated, without results, to make up a multiple of 8.
 */
export function openBlock(first: usize, end: usize, image: usize, table: usize): void {
  blockFirst = first;
  blockEnd = end;
  blockTiles = (end - first) * tilesWide;
  let entry = table;
  for (let row = first; row < end; row++) {
    const down = row % tilesHigh;
    for (let across: usize = 0; across < tilesWide; across++) {
      store<u32>(entry, (row - first) * rowBytes() + ((across * TILE_SIZE) << 2));
      store<u32>(entry, (row / tilesHigh) * image + ((TILE_SIZE * (down * resultWidth + across)) << 2), RESULT);
      store<u32>(entry, min(resultHeight - down * TILE_SIZE, TILE_SIZE), ROWS);
      store<u32>(entry, min(resultWidth - across * TILE_SIZE, TILE_SIZE), COLUMNS);
      entry += TILE_BYTES;
    }
  }
  for (let tile = blockTiles; (tile & 7) != 0; tile++) {
    v128.store(entry, v128.load(entry - TILE_BYTES));
    store<u32>(entry, 0, ROWS);
    entry += TILE_BYTES;
  }
}

/** Transforms the inputs of one channel, whose plane in the first image is given; what is padding stays as it is. */
export function fillStrip(
  plane: usize, image: usize, height: i32, width: i32, padH: i32, padW: i32, strip: usize,
): void {
  const left = max(-padW, 0);
  const last = (min(width, <i32>(rowBytes() >> 2) - padW) - left - 4) << 2;
  strip += (left + padW) << 2;
  for (let row = blockFirst; row < blockEnd; row++) {
    const top = <i32>((row % tilesHigh) * TILE_SIZE) - padH;
    const x = plane + (row / tilesHigh) * image + (left << 2);
    transformInputColumns(
      lineAt(x, top, height, width), lineAt(x, top + 1, height, width), lineAt(x, top + 2, height, width),
      lineAt(x, top + 3, height, width), lineAt(x, top + 4, height, width), lineAt(x, top + 5, height, width), last, strip,
    );
    strip += rowBytes();
  }
}

/** The same for the gradient of the results, 4 × 4 in a tile and without padding. */
export function fillGradientStrip(plane: usize, image: usize, height: i32, width: i32, strip: usize): void {
  for (let row = blockFirst; row < blockEnd; row++) {
    const top = <i32>((row % tilesHigh) * TILE_SIZE);
    const y = plane + (row / tilesHigh) * image;
    transformGradientColumns(
      lineAt(y, top, height, width), lineAt(y, top + 1, height, width), lineAt(y, top + 2, height, width),
      lineAt(y, top + 3, height, width), (width - 4) << 2, strip,
    );
    strip += rowBytes();
  }
}

@inline
function lineAt(plane: usize, h: i32, height: i32, width: i32): usize {
  return h >= 0 && h < height ? plane + ((h * width) << 2) : zeroLine();
}

/** Four columns at a time; the last vector, `last` bytes after the first, overlaps the one before it. */
function transformInputColumns(
  x0: usize, x1: usize, x2: usize, x3: usize, x4: usize, x5: usize, last: usize, to: usize,
): void {
  for (let at: usize = 0; ; at = min(at + 16, last)) {
    inputLine(
      v128.load(x0 + at), v128.load(x1 + at), v128.load(x2 + at), v128.load(x3 + at), v128.load(x4 + at),
      v128.load(x5 + at), to + at,
    );
    if (at == last) return;
  }
}

function transformGradientColumns(y0: usize, y1: usize, y2: usize, y3: usize, last: usize, to: usize): void {
  for (let at: usize = 0; ; at = min(at + 16, last)) {
    outputGradientLine(v128.load(y0 + at), v128.load(y1 + at), v128.load(y2 + at), v128.load(y3 + at), to + at);
    if (at == last) return;
  }
}

/** Clears strips that lie one after another. */
export function clearStrips(strips: usize, count: usize): void {
  for (let line: usize = 0; line < 6; line++) memory.fill(strips + line * DOWN, 0, count * STRIP);
}
