/**
 * The working memory of this thread, for packed panels and windows. Its first bytes are reserved: eight zeros that
 * tiles may start from, then room for one tile at the border of a matrix.
 */
const ZEROS_BYTES: usize = 64;
const TILE_BYTES: usize = 192;

export let scratchAddress: usize = 0;
export let scratchBytes: usize = 0;

/** Gives this thread its working memory: at least 8 MiB, 64-byte aligned, used by no other thread. */
export function setScratch(p: usize, bytes: usize): void {
  scratchAddress = p;
  scratchBytes = bytes;
  memory.fill(p, 0, ZEROS_BYTES);
}

/** Eight float32 zeros. */
@inline
export function zeros(): usize {
  return scratchAddress;
}

/** Room for a tile of 6 rows and 8 columns. */
@inline
export function borderTile(): usize {
  return scratchAddress + ZEROS_BYTES;
}

@inline
export function workAddress(): usize {
  return scratchAddress + ZEROS_BYTES + TILE_BYTES;
}

@inline
export function workBytes(): usize {
  return scratchBytes - ZEROS_BYTES - TILE_BYTES;
}
