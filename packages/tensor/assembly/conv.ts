/**
 * Convolutions (cross-correlations) as PyTorch's, x: [N, C, H, W], w: [O, C / groups, KH, KW] → y: [N, O, OH, OW].
 * Words: x, w, bias, y addresses; N, C, H, W, O, KH, KW, OH, OW; stride, padding, dilation, each height then width; groups.
 */
import {
  bias, groupChannels, groupOutChannels, height, loadConvGeometry, outHeight, outWidth, width,
} from './conv-geometry';
import { convolve } from './conv-forward';
import { gradientOfBias } from './conv-grad-bias';
import { gradientOfInput } from './conv-grad-input';
import { gradientOfWeight } from './conv-grad-weight';
import { convolveTiles, gradientOfInputTiles } from './winograd-forward';
import { gradientOfWeightTiles } from './winograd-grad-weight';
import { takesTiles } from './winograd-plan';

/** Writes y; bias: [O], or address 0 for none. */
export function conv2d(p: usize): void {
  loadConvGeometry(p);
  if (takesTiles(groupChannels, groupOutChannels, outHeight, outWidth)) convolveTiles();
  else convolve();
}

/** Writes gx (word 0) from w and gy (word 3). */
export function conv2dGradInput(p: usize): void {
  loadConvGeometry(p);
  if (takesTiles(groupOutChannels, groupChannels, height, width)) gradientOfInputTiles();
  else gradientOfInput(p);
}

/** Writes gw (word 1) and gbias (word 2, 0 for none) from x and gy (word 3), or adds to them if word 20 is 1. */
export function conv2dGradWeight(p: usize): void {
  loadConvGeometry(p);
  const accumulate = load<u32>(p, 80) == 1;
  if (takesTiles(groupChannels, groupOutChannels, outHeight, outWidth)) gradientOfWeightTiles(accumulate);
  else gradientOfWeight(accumulate);
  if (bias != 0) gradientOfBias(accumulate);
}
