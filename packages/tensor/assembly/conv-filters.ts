/**
 * Taps in the order in which tiles take them: by kernel row, channel, kernel column, so that those of a kernel row are
 * neighbours.
 */
import {
  channelStep, filterAt, groupChannels, kernelHeight, kernelWidth, tapColumnStep, tapRowStep,
} from './conv-geometry';
import { tapOffset } from './conv-window';
import { nextTileRows } from './gemm-tile';

/** Where each tap finds in the window what it multiplies. */
export function writeOffsets(to: usize): void {
  for (let kh: usize = 0; kh < kernelHeight; kh++) {
    for (let channel: usize = 0; channel < groupChannels; channel++) {
      for (let kw: usize = 0; kw < kernelWidth; kw++, to += 4) store<u32>(to, tapOffset(channel, kh, kw));
    }
  }
}

/** Where each tap lies in a filter. */
export function writePlaces(to: usize): void {
  for (let kh: usize = 0; kh < kernelHeight; kh++) {
    for (let channel: usize = 0; channel < groupChannels; channel++) {
      for (let kw: usize = 0; kw < kernelWidth; kw++, to += 4) {
        store<u32>(to, (channel * channelStep + kh * tapRowStep + kw * tapColumnStep) << 2);
      }
    }
  }
}

/** Packs filters from o on, their kernel columns [first, end), into panels, whose heights follow nextTileRows. */
export function packFilters(group: usize, o: usize, filters: usize, first: usize, end: usize, to: usize): void {
  const taps = (end - first) * groupChannels * kernelHeight;
  while (filters != 0) {
    const rows = nextTileRows(filters);
    for (let i: usize = 0; i < rows; i++) packFilter(filterAt(group, o + i), first, end, to + (i << 2), rows << 2);
    to += (rows * taps) << 2;
    o += rows;
    filters -= rows;
  }
}

function packFilter(filter: usize, first: usize, end: usize, to: usize, step: usize): void {
  for (let kh: usize = 0; kh < kernelHeight; kh++) {
    for (let channel: usize = 0; channel < groupChannels; channel++) {
      let tap = filter + ((channel * channelStep + kh * tapRowStep + first * tapColumnStep) << 2);
      for (let kw = first; kw < end; kw++) {
        store<f32>(to, load<f32>(tap));
        tap += tapColumnStep << 2;
        to += step;
      }
    }
  }
}
