/** Loads and stores of four lanes, or of one where a row has ended: `whole` is a constant wherever they are inlined. */
@inline
export function loadLanes(p: usize, whole: bool): v128 {
  return whole ? v128.load(p) : v128.load32_splat(p);
}

@inline
export function storeLanes(p: usize, lanes: v128, whole: bool): void {
  if (whole) v128.store(p, lanes);
  else v128.store32_lane(p, lanes, 0);
}
