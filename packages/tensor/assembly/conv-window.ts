/**
 * A window is the part of an image's planes that a block of output pixels needs, with its padding. Without padding and stride
 * in the width it is the planes themselves; else a copy. With a stride, the columns of the copy are sorted by their remainder,
 * so that what neighbouring pixels multiply with one tap lies side by side.
 */
import {
  batch, channels, dilationH, dilationW, groupChannels, height, inputPlane, kernelHeight, kernelWidth, outHeight, outSize,
  outWidth, padH, padW, planeSize, strideH, strideW, width,
} from './conv-geometry';

let isCopy: bool = false;
let copyAt: usize = 0;
/** The first row and column of the window in the planes. */
let top: i32 = 0;
let left: i32 = 0;
let windowRows: i32 = 0;
/** Columns of one remainder, and how many remainders the taps meet. */
let remainderWidth: usize = 0;
let remainders: usize = 0;
/** Bytes from row to row, from plane to plane, and from image to image of the windows. */
export let windowRowBytes: usize = 0;
export let windowPlaneBytes: usize = 0;
export let windowImageBytes: usize = 0;

/** Images with fewer pixels share a block. */
const IMAGES_PIXELS: usize = 512;

/** The pixels of a block: some images' whole planes, or whole rows of one image, or a part of one row. */
export let blockImages: usize = 0;
export let blockRows: usize = 0;
export let blockColumns: usize = 0;

/**
 * Chooses a block of at most `pixels` pixels whose windows take `bytes`, or more if a single row's do, but at most `room`;
 * says whether there is one.
 */
export function chooseBlock(pixels: usize, bytes: u64, room: u64): bool {
  blockColumns = min(outWidth, pixels);
  blockRows = blockColumns == outWidth ? min(outHeight, pixels / outWidth) : 1;
  blockImages = blockRows == outHeight ? min(max(batch, 1), max(IMAGES_PIXELS / outSize, 1)) : 1;
  for (let taken = layOutWindows(); taken > min(bytes, room); taken = layOutWindows()) {
    if (blockImages > 1) blockImages >>= 1;
    else if (blockRows > 1) blockRows >>= 1;
    else if (taken <= room) return true;
    else if (blockColumns > 1) blockColumns >>= 1;
    else return false;
  }
  return true;
}

/** Returns the bytes that copies take. */
function layOutWindows(): u64 {
  const reachH = dilationH * (<i32>kernelHeight - 1) + 1, reachW = dilationW * (<i32>kernelWidth - 1) + 1;
  const rowsFit = padH == 0 && (<i32>outHeight - 1) * strideH + reachH <= height;
  const columnsFit = padW == 0 && strideW == 1 && <i32>outWidth - 1 + reachW <= width;
  isCopy = !rowsFit || !columnsFit;
  remainders = isCopy ? min(strideW, reachW) : 1;
  remainderWidth = isCopy ? blockColumns + (reachW - 1) / strideW : width;
  windowRows = <i32>(blockRows - 1) * strideH + reachH;
  windowRowBytes = (remainders * remainderWidth) << 2;
  windowPlaneBytes = isCopy ? windowRowBytes * windowRows : planeSize << 2;
  windowImageBytes = windowPlaneBytes * (isCopy ? groupChannels : channels);
  return isCopy ? (<u64>windowRowBytes * windowRows) * groupChannels * blockImages : 0;
}

/** Bytes that the copies of a block take. */
export function windowBytes(): usize {
  return isCopy ? windowImageBytes * blockImages : 0;
}

/** Moves the windows of the block to an output pixel; copies will lie at `to`. */
export function openWindows(row: usize, column: usize, to: usize): void {
  copyAt = to;
  top = <i32>row * strideH - padH;
  left = <i32>column * strideW - padW;
  if (isCopy) memory.fill(to, 0, windowImageBytes * blockImages);
}

/** Makes the windows of the planes of some images, from the n-th on; returns their address. */
export function fillWindows(n: usize, images: usize, group: usize): usize {
  if (!isCopy) return inputPlane(n, group) + (<usize>(top * width + left) << 2);
  for (let image: usize = 0; image < images; image++) {
    fillWindow(inputPlane(n + image, group), copyAt + image * windowImageBytes);
  }
  return copyAt;
}

function fillWindow(planes: usize, to: usize): void {
  for (let remainder: usize = 0; remainder < remainders; remainder++) {
    // The columns of this remainder that are no padding; what is stays zero.
    const start = left + <i32>remainder;
    const before = start < 0 ? (strideW - 1 - start) / strideW : 0;
    const column = start + before * strideW;
    const count = column < width ? min((width - 1 - column) / strideW + 1, <i32>remainderWidth - before) : 0;
    if (count > 0) copyColumns(planes + (column << 2), to + ((remainder * remainderWidth + before) << 2), count);
  }
}

/** Copies some columns of one remainder: of all rows that taps meet, in all planes. */
function copyColumns(planes: usize, to: usize, count: usize): void {
  const reachH = dilationH * (<i32>kernelHeight - 1) + 1;
  const end = min(windowRows, height - top);
  for (let channel: usize = 0; channel < groupChannels; channel++) {
    for (let row = max(-top, 0); row < end; row++) {
      if (reachH < strideH && row % strideH >= reachH) continue;
      copyEvery(planes + (<usize>((top + row) * width) << 2), to + row * windowRowBytes, count);
    }
    planes += planeSize << 2;
    to += windowPlaneBytes;
  }
}

/** Distance in the window of what a tap multiplies from what the first tap does. */
export function tapOffset(channel: usize, kh: usize, kw: usize): usize {
  const column = kw * dilationW;
  const place = (column % strideW) * remainderWidth + column / strideW;
  return channel * windowPlaneBytes + kh * dilationH * windowRowBytes + (place << 2);
}

/** Copies every strideW-th float. */
function copyEvery(from: usize, to: usize, count: usize): void {
  if (strideW == 1) {
    for (; count >= 4; count -= 4) {
      v128.store(to, v128.load(from));
      from += 16;
      to += 16;
    }
  } else if (strideW == 2) {
    for (; count > 4; count -= 4) {
      v128.store(to, v128.shuffle<f32>(v128.load(from), v128.load(from, 16), 0, 2, 4, 6));
      from += 32;
      to += 16;
    }
  }
  for (; count != 0; count--) {
    store<f32>(to, load<f32>(from));
    from += strideW << 2;
    to += 4;
  }
}
