// Stable sorting of x: [outer, n, inner] along n, by merging runs of doubling length. Words: 0 index (int32, x's shape),
// 1 x, 2 scratch (2·n int32), 3 outer, 4 n, 5 inner, 6: largest first. NaN counts as the largest number.

/** index[o, k, i] = place of the k-th element in order. */
export function argsort(p: usize): void {
  if (load<i32>(p, 24) != 0) sortLines(true, p);
  else sortLines(false, p);
}

@inline function sortLines(descending: bool, p: usize): void {
  const outer = load<i32>(p, 12), n = load<i32>(p, 16), inner = load<i32>(p, 20);
  const index = <usize>load<u32>(p), x = <usize>load<u32>(p, 4), scratch = <usize>load<u32>(p, 8);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const start = <usize>(o * n * inner + i) << 2;
      let from = scratch, to = scratch + (<usize>n << 2);
      for (let k = 0; k < n; k++) store<i32>(from + (<usize>k << 2), k);
      for (let width = 1; width < n; width <<= 1) {
        for (let low = 0; low < n; low += width << 1) {
          merge(descending, x + start, inner, from, to, low, min(low + width, n), min(low + (width << 1), n));
        }
        const sorted = to;
        to = from;
        from = sorted;
      }
      for (let k = 0; k < n; k++) store<i32>(index + start + (<usize>(k * inner) << 2), load<i32>(from + (<usize>k << 2)));
    }
  }
}

/** Merges the runs low … middle − 1 and middle … high − 1; of equal elements those of the first run come first. */
@inline function merge(
  descending: bool, x: usize, stride: i32, from: usize, to: usize, low: i32, middle: i32, high: i32,
): void {
  let left = low, right = middle;
  for (let k = low; k < high; k++) {
    let takesRight = left >= middle;
    if (!takesRight && right < high) {
      takesRight = isBefore(descending, element(x, stride, from, right), element(x, stride, from, left));
    }
    store<i32>(to + (<usize>k << 2), load<i32>(from + (<usize>(takesRight ? right++ : left++) << 2)));
  }
}

@inline function element(x: usize, stride: i32, index: usize, k: i32): f32 {
  return load<f32>(x + (<usize>(load<i32>(index + (<usize>k << 2)) * stride) << 2));
}

@inline function isBefore(descending: bool, a: f32, b: f32): bool {
  if (descending) return a > b || (a != a && b == b);
  return a < b || (b != b && a == a);
}
