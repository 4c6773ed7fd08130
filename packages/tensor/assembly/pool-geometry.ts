/** Sizes of the pooling at work on this thread; set once a call. Signed, because windows may start in the padding. */
export let height: i32 = 0;
export let width: i32 = 0;
export let outHeight: i32 = 0;
export let outWidth: i32 = 0;
export let kernelHeight: i32 = 0;
export let kernelWidth: i32 = 0;
export let strideH: i32 = 0;
export let strideW: i32 = 0;
export let padH: i32 = 0;
export let padW: i32 = 0;

/** Reads words 4 to 13 of the argument block. */
export function loadPoolGeometry(p: usize): void {
  height = load<i32>(p, 16);
  width = load<i32>(p, 20);
  outHeight = load<i32>(p, 24);
  outWidth = load<i32>(p, 28);
  kernelHeight = load<i32>(p, 32);
  kernelWidth = load<i32>(p, 36);
  strideH = load<i32>(p, 40);
  strideW = load<i32>(p, 44);
  padH = load<i32>(p, 48);
  padW = load<i32>(p, 52);
}
