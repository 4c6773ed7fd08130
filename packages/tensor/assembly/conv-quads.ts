/**
 * Convolutions with windows that move by 1 in the width, four images at a time, one in each lane: so rows of any width leave no
 * lane idle, and two neighbouring pixels take only the taps that meet the planes. Pixels whose taps are in the same kernel
 * columns make a *strip*, with filters packed for it.
 */
import {
  batch, bias, columnSize, dilationH, dilationW, groupChannels, groupOutChannels, groups, kernelHeight, kernelWidth,
  outChannels, outHeight, outputPlane, outSize, outWidth, padH, padW, resultPlaneStep,
  resultRowStep, resultStep, strideH, strideW, width,
} from './conv-geometry';
import { packFilters } from './conv-filters';
import { fillQuad, openQuad, quadPlaneBytes, quadRowBytes } from './conv-quad-window';
import { endKernelRow, firstKernelRow, PAIR_BYTES } from './conv-runs';
import { multiplyPair } from './conv-tile';
import { nextTileRows } from './gemm-tile';
import { borderTile, workAddress, workBytes, zeros } from './scratch';

const IMAGES: usize = 4;
/** Planes that stay in the second-level cache. */
const WINDOW_BYTES: u64 = 512 << 10;
/** With fewer taps, sorting results back into their images costs more than is saved. */
const TAPS_MIN: usize = 64;

/** Convolves as many images as come in fours, if that pays; returns how many. */
export function convolveQuads(): usize {
  const images = batch & ~(IMAGES - 1);
  if (images == 0 || strideW != 1 || resultStep != 1 || columnSize < TAPS_MIN) return 0;
  let taps: usize = 0, work: usize = 0;
  for (let column: usize = 0; column < outWidth; column = stripEnd(column)) {
    const strip = endTap(column) - firstTap(column);
    taps += strip;
    work += ((stripEnd(column) - column + 1) & ~1) * strip;
  }
  if (work * 10 > ((outWidth + 3) & ~3) * kernelWidth * 9) return 0;
  taps *= kernelHeight * groupChannels;
  const window = <u64>groupChannels * quadPlaneBytes();
  const other = <u64>taps * ((groupOutChannels + 1) << 2) + <u64>outSize * PAIR_BYTES;
  if (window > WINDOW_BYTES || window + other > <u64>workBytes()) return 0;
  openQuad(workAddress());
  for (let group: usize = 0; group < groups; group++) convolveGroup(group, images, workAddress() + <usize>window);
  return images;
}

/** The taps in the width that either of two neighbouring pixels meets: the first, and the one after the last. */
function firstTap(column: usize): usize {
  const outside = padW - <i32>min(column + 1, outWidth - 1);
  return outside > 0 ? min((outside + dilationW - 1) / dilationW, kernelWidth) : 0;
}

function endTap(column: usize): usize {
  const room = width - 1 + padW - <i32>column;
  return room < 0 ? firstTap(column) : max(min(room / dilationW + 1, kernelWidth), firstTap(column));
}

/** The first column, an even number after `column`, whose taps are others. */
function stripEnd(column: usize): usize {
  let end = column + 2;
  while (end < outWidth && firstTap(end) == firstTap(column) && endTap(end) == endTap(column)) end += 2;
  return min(end, outWidth);
}

function convolveGroup(group: usize, images: usize, work: usize): void {
  for (let n: usize = 0; n < images; n += IMAGES) {
    let at = work;
    fillQuad(n, group, workAddress());
    for (let column: usize = 0; column < outWidth; column = stripEnd(column)) {
      at = convolveStrip(n, group, column, at);
    }
  }
}

/** Packs filters and lists pairs with the first images; returns the address after them. */
function convolveStrip(n: usize, group: usize, column: usize, offsets: usize): usize {
  const first = firstTap(column), end = endTap(column), columnEnd = stripEnd(column);
  const taps = (end - first) * groupChannels * kernelHeight;
  const panels = offsets + (taps << 2);
  const pairs = panels + ((taps * groupOutChannels) << 2);
  const pairsEnd = pairs + outHeight * ((columnEnd - column + 1) >> 1) * PAIR_BYTES;
  if (n == 0) {
    writeOffsets(first, end, offsets);
    packFilters(group, 0, groupOutChannels, first, end, panels);
    writePairs(column, columnEnd, (end - first) * groupChannels, pairs);
  }
  let panel = panels;
  for (let o: usize = 0; o < groupOutChannels; ) {
    const rows = nextTileRows(groupOutChannels - o);
    const init = bias != 0 ? bias + ((group * groupOutChannels + o) << 2) : zeros();
    multiplyPairs(rows, panel, offsets, pairs, pairsEnd, init, outputPlane(n, group) + ((o * resultPlaneStep) << 2));
    panel += (rows * taps) << 2;
    o += rows;
  }
  return pairsEnd;
}

function writeOffsets(first: usize, end: usize, to: usize): void {
  for (let kh: usize = 0; kh < kernelHeight; kh++) {
    for (let channel: usize = 0; channel < groupChannels; channel++) {
      const row = channel * quadPlaneBytes() + kh * dilationH * quadRowBytes();
      for (let kw = first; kw < end; kw++, to += 4) store<u32>(to, row + ((kw * dilationW) << 4));
    }
  }
}

/** Pairs as conv-runs.ts has them; a pixel without neighbour is its own. */
function writePairs(column: usize, columnEnd: usize, rowTaps: usize, to: usize): void {
  for (let row: usize = 0; row < outHeight; row++) {
    const first = firstKernelRow(row), end = max(endKernelRow(row), first);
    for (let c = column; c < columnEnd; c += 2, to += PAIR_BYTES) {
      const next: usize = c + 1 < columnEnd ? 1 : 0;
      // Wraps around where it begins in the padding; the offset of a tap brings it back.
      const at = (<i32>row * strideH - padH) * quadRowBytes() + (<i32>c - padW + 1) * 16;
      store<u32>(to, at);
      store<u32>(to, at + (next << 4), 4);
      store<u32>(to, (row * resultRowStep + c) << 2, 8);
      store<u32>(to, next, 12);
      store<u32>(to, first * rowTaps, 16);
      store<u32>(to, (end - first) * rowTaps, 20);
    }
  }
}

function multiplyPairs(
  rows: usize, panel: usize, offsets: usize, pair: usize, end: usize, init: usize, y: usize,
): void {
  const tile = borderTile(), x = workAddress();
  const initStep: usize = bias != 0 ? 4 : 0;
  for (; pair < end; pair += PAIR_BYTES) {
    const first: usize = load<u32>(pair, 16), taps: usize = load<u32>(pair, 20);
    const x0 = x + load<u32>(pair), x1 = x + load<u32>(pair, 4);
    const from = panel + ((first * rows) << 2);
    multiplyPair(rows, taps, from, offsets + (first << 2), x0, x1, init, initStep, tile, tile + 16, 32);
    const to = y + load<u32>(pair, 8);
    if (load<u32>(pair, 12) != 0) storePair(tile, rows, to);
    else storePixel(tile, rows, to);
  }
}

/** Sorts a tile back into four images. */
function storePair(tile: usize, rows: usize, to: usize): void {
  const step = (outChannels * resultPlaneStep) << 2;
  for (; rows != 0; rows--) {
    const a = v128.load(tile), b = v128.load(tile, 16);
    const low = v128.shuffle<f32>(a, b, 0, 4, 1, 5), high = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    v128.store64_lane(to, low, 0);
    v128.store64_lane(to + step, low, 1);
    v128.store64_lane(to + 2 * step, high, 0);
    v128.store64_lane(to + 3 * step, high, 1);
    tile += 32;
    to += resultPlaneStep << 2;
  }
}

function storePixel(tile: usize, rows: usize, to: usize): void {
  const step = (outChannels * resultPlaneStep) << 2;
  for (; rows != 0; rows--) {
    const a = v128.load(tile);
    v128.store32_lane(to, a, 0);
    v128.store32_lane(to + step, a, 1);
    v128.store32_lane(to + 2 * step, a, 2);
    v128.store32_lane(to + 3 * step, a, 3);
    tile += 32;
    to += resultPlaneStep << 2;
  }
}
