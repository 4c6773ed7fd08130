/** From products to results, cut off where a plane ends. */
import { copyBlock } from './gemm-panels';
import { workAddress } from './scratch';
import { COLUMNS, RESULT, ROWS, TILE_BYTES } from './winograd-block';
import { TILE_SIZE } from './winograd-plan';
import { transformOutput } from './winograd-tile';

/**
 * Transforms the products of a block's tiles into `count` planes of results, the first at `to`, `plane` bytes apart, with
 * rows of `row` bytes. `start` is where the first plane's bias lies, or 0.
 */
export function writeTiles(
  table: usize, tiles: usize, matrices: usize, count: usize, start: usize, to: usize, plane: usize, row: usize,
): void {
  const aside = workAddress();
  let at: usize = 0;
  for (let channel: usize = 0; channel < count; channel++) {
    const init = start != 0 ? v128.load32_splat(start + (channel << 2)) : f32x4.splat(0);
    for (let tile: usize = 0; tile < tiles; tile += 4) {
      const entry = table + tile * TILE_BYTES;
      if (isWhole(entry)) {
        transformOutput(
          matrices, at, init, to + load<u32>(entry, RESULT), to + load<u32>(entry, RESULT + TILE_BYTES),
          to + load<u32>(entry, RESULT + 2 * TILE_BYTES), to + load<u32>(entry, RESULT + 3 * TILE_BYTES), row,
        );
      } else {
        transformOutput(matrices, at, init, aside, aside + 64, aside + 128, aside + 192, 16);
        for (let lane: usize = 0; lane < 4; lane++) {
          const one = entry + lane * TILE_BYTES;
          const cells = to + load<u32>(one, RESULT);
          copyBlock(load<u32>(one, ROWS), load<u32>(one, COLUMNS), aside + (lane << 6), 16, cells, row);
        }
      }
      at += 16;
    }
    to += plane;
  }
}

/** Whether all of four tiles lie within the results. */
@inline
function isWhole(entry: usize): bool {
  let rows: usize = TILE_SIZE;
  for (let lane: usize = 0; lane < 4; lane++) {
    const one = entry + lane * TILE_BYTES;
    rows = min(rows, min<usize>(load<u32>(one, ROWS), load<u32>(one, COLUMNS)));
  }
  return rows == TILE_SIZE;
}
