// Picking by index along one dimension. Indices are int32 and were checked by the caller.

/** out[o, k, i] = x[o, index[o, k, i], i]. Words: 0 out, 1 x, 2 index, 3 outer, 4 n (of x), 5 inner, 6 k. */
export function gather(p: usize): void {
  const outer = load<i32>(p, 12), n = load<i32>(p, 16), inner = load<i32>(p, 20), count = load<i32>(p, 24);
  let out = <usize>load<u32>(p), index = <usize>load<u32>(p, 8);
  const x = <usize>load<u32>(p, 4);
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < count; k++) {
      for (let i = 0; i < inner; i++, out += 4, index += 4) {
        store<f32>(out, load<f32>(x + (<usize>((o * n + load<i32>(index)) * inner + i) << 2)));
      }
    }
  }
}

/** out[o, index[o, k, i], i] = x[o, k, i]. Words: 0 out, 1 x, 2 index, 3 outer, 4 n (of out), 5 inner, 6 k. */
export function scatter(p: usize): void { put(false, p); }
/** out[o, index[o, k, i], i] += x[o, k, i]. Words as scatter. */
export function scatterAdd(p: usize): void { put(true, p); }

@inline function put(adds: bool, p: usize): void {
  const outer = load<i32>(p, 12), n = load<i32>(p, 16), inner = load<i32>(p, 20), count = load<i32>(p, 24);
  let x = <usize>load<u32>(p, 4), index = <usize>load<u32>(p, 8);
  const out = <usize>load<u32>(p);
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < count; k++) {
      for (let i = 0; i < inner; i++, x += 4, index += 4) {
        const to = out + (<usize>((o * n + load<i32>(index)) * inner + i) << 2);
        store<f32>(to, adds ? load<f32>(to) + load<f32>(x) : load<f32>(x));
      }
    }
  }
}

/** out[o, k, :] = x[o, index[k], :]. Words as gather. */
export function indexSelect(p: usize): void {
  const outer = load<i32>(p, 12), n = load<i32>(p, 16), inner = load<i32>(p, 20), count = load<i32>(p, 24);
  let out = <usize>load<u32>(p);
  const x = <usize>load<u32>(p, 4), index = <usize>load<u32>(p, 8);
  const bytes = <usize>inner << 2;
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < count; k++, out += bytes) {
      memory.copy(out, x + <usize>(o * n + load<i32>(index + (<usize>k << 2))) * bytes, bytes);
    }
  }
}

/** out[o, index[k], :] += x[o, k, :]. Words as scatterAdd. */
export function indexAdd(p: usize): void {
  const outer = load<i32>(p, 12), n = load<i32>(p, 16), inner = load<i32>(p, 20), count = load<i32>(p, 24);
  let x = <usize>load<u32>(p, 4);
  const out = <usize>load<u32>(p), index = <usize>load<u32>(p, 8);
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < count; k++) {
      let to = out + (<usize>((o * n + load<i32>(index + (<usize>k << 2))) * inner) << 2);
      for (let i = 0; i < inner; i++, to += 4, x += 4) store<f32>(to, load<f32>(to) + load<f32>(x));
    }
  }
}
