/**
 * The planes of a batch cut into squares of 4 × 4 results, the *tiles*, and the inputs of a block of them.
 * A block is some whole rows of tiles, of one image or of several. A *window* is the part of an input plane that the rows
 * of one image need, 6 × 6 inputs a tile, copied with its padding so that nothing is checked later.
 */
import { TILE_SIZE, tilesAlong } from './winograd-plan';

/** What is known of a tile: where its inputs begin in the windows and its results in the first plane, and their extent. */
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

export function openTiles(images: usize, height: usize, width: usize): void {
  resultHeight = height;
  resultWidth = width;
  tilesHigh = tilesAlong(height);
  tilesWide = tilesAlong(width);
  tileRows = images * tilesHigh;
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

/** Bytes between the rows of a window. */
@inline
export function windowRow(): usize {
  return (TILE_SIZE * tilesWide + 2) << 2;
}

/** Bytes of the windows of one channel for a block of so many rows. */
export function windowBytes(rows: usize): usize {
  return rows * (TILE_SIZE + 2) * windowRow();
}

/**
 * Makes the rows [first, end) of tiles the block, and writes TILE_BYTES for each tile to `table`; `image` is the step from
 * image to image of the results. The last tile is repeated, without results, to make up a multiple of 8.
 */
export function openBlock(first: usize, end: usize, image: usize, table: usize): void {
  blockFirst = first;
  blockEnd = end;
  blockTiles = (end - first) * tilesWide;
  let window: usize = 0;
  let entry = table;
  for (let row = first; row < end; row++) {
    const down = row % tilesHigh;
    if (down == 0 && row != first) window += 2 * windowRow();
    for (let across: usize = 0; across < tilesWide; across++) {
      store<u32>(entry, window + ((across * TILE_SIZE) << 2));
      store<u32>(entry, (row / tilesHigh) * image + ((TILE_SIZE * (down * resultWidth + across)) << 2), RESULT);
      store<u32>(entry, min(resultHeight - down * TILE_SIZE, TILE_SIZE), ROWS);
      store<u32>(entry, min(resultWidth - across * TILE_SIZE, TILE_SIZE), COLUMNS);
      entry += TILE_BYTES;
    }
    window += TILE_SIZE * windowRow();
  }
  for (let tile = blockTiles; (tile & 7) != 0; tile++) {
    v128.store(entry, v128.load(entry - TILE_BYTES));
    store<u32>(entry, 0, ROWS);
    entry += TILE_BYTES;
  }
}

/** Copies what the block needs of one channel, whose plane in the first image is given; leaves out what is padding. */
export function fillWindows(
  plane: usize, image: usize, height: i32, width: i32, padH: i32, padW: i32, to: usize,
): void {
  const left = max(-padW, 0);
  const right = min(width, <i32>(windowRow() >> 2) - padW);
  for (let row = blockFirst; row < blockEnd; ) {
    const down = row % tilesHigh;
    const rows = min(tilesHigh - down, blockEnd - row);
    const top = <i32>(down * TILE_SIZE) - padH;
    const lines = <i32>(rows * TILE_SIZE + 2);
    const from = plane + (row / tilesHigh) * image;
    for (let h = max(top, 0); h < min(top + lines, height); h++) {
      copyLine(from + ((h * width + left) << 2), to + (h - top) * windowRow() + ((left + padW) << 2), right - left);
    }
    to += lines * windowRow();
    row += rows;
  }
}

/** The last vector overlaps the one before it. */
function copyLine(from: usize, to: usize, count: i32): void {
  if (count < 4) {
    for (; count > 0; count--) {
      store<f32>(to, load<f32>(from));
      from += 4;
      to += 4;
    }
    return;
  }
  const last = (<usize>count - 4) << 2;
  for (let at: usize = 0; at < last; at += 16) v128.store(to + at, v128.load(from + at));
  v128.store(to + last, v128.load(from + last));
}
