/** y = bias + w · im2col(x): as a plain product where x is its own im2col matrix, else read from windows of x. */
import {
  batch, bias, columnSize, groupOutChannels, groups, groupWeight, inputPlane, isPointwise, outputPlane, outSize,
} from './conv-geometry';
import { convolveWindows } from './conv-direct';
import { convolvePlain } from './conv-plain';
import { multiply, MULTIPLY_WORK_BYTES } from './gemm-blocks';
import { TILE_COLUMNS } from './gemm-tile';
import { workAddress, workBytes, zeros } from './scratch';

const BIAS_ROW: usize = TILE_COLUMNS << 2;

export function convolve(): void {
  if (isPointwise) multiplyPlanes();
  else if (!convolveWindows()) convolvePlain();
}

function multiplyPlanes(): void {
  const filtersMax = (workBytes() - MULTIPLY_WORK_BYTES) / BIAS_ROW;
  for (let group: usize = 0; group < groups; group++) {
    for (let o: usize = 0; o < groupOutChannels; o += filtersMax) {
      multiplyFilters(group, o, min(groupOutChannels - o, filtersMax));
    }
  }
}

function multiplyFilters(group: usize, o: usize, filters: usize): void {
  const filter = groupWeight(group) + ((o * columnSize) << 2);
  const biasRows = workAddress() + MULTIPLY_WORK_BYTES;
  if (bias != 0) spreadBias(bias + ((group * groupOutChannels + o) << 2), filters, biasRows);
  const init = bias != 0 ? biasRows : zeros();
  const initRow: usize = bias != 0 ? BIAS_ROW : 0;
  for (let n: usize = 0; n < batch; n++) {
    multiply(
      filters, outSize, columnSize, filter, columnSize << 2, 4, inputPlane(n, group), outSize << 2, 4,
      init, initRow, 0, outputPlane(n, group) + ((o * outSize) << 2), outSize << 2, workAddress(),
    );
  }
}

/** Writes each filter's bias eight times over, a start for its tiles. */
function spreadBias(from: usize, filters: usize, to: usize): void {
  for (let i: usize = 0; i < filters; i++, to += BIAS_ROW) {
    const value = v128.load32_splat(from + (i << 2));
    v128.store(to, value);
    v128.store(to, value, 16);
  }
}
