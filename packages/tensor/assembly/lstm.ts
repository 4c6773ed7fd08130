// One time step of an LSTM for each of a batch of sequences, all but the product with the weights (Hochreiter &
// Schmidhuber 1997; Gers et al. 2000). Rows of gates hold i, f, g, o, each of `size` floats.
import { loadLanes, storeLanes } from './lanes';
import { sigmoid4, tanh4 } from './math';

@inline function complement(x: v128): v128 {
  return f32x4.sub(f32x4.splat(1), x);
}

/** One vector of units: c = σ(f)·c + σ(i)·tanh(g), h = σ(o)·tanh(c). */
@inline
function forward(gates: usize, row: usize, state: usize, cell: usize, hidden: usize, whole: bool): void {
  const i = sigmoid4(loadLanes(gates, whole));
  const f = sigmoid4(loadLanes(gates + row, whole));
  const g = tanh4(loadLanes(gates + 2 * row, whole));
  const o = sigmoid4(loadLanes(gates + 3 * row, whole));
  storeLanes(gates, i, whole);
  storeLanes(gates + row, f, whole);
  storeLanes(gates + 2 * row, g, whole);
  storeLanes(gates + 3 * row, o, whole);
  const c = f32x4.add(f32x4.mul(f, loadLanes(state, whole)), f32x4.mul(i, g));
  storeLanes(state, c, whole);
  storeLanes(cell, c, whole);
  storeLanes(hidden, f32x4.mul(o, tanh4(c)), whole);
}

/**
 * Words: gates [batch, 4·size], before their activations, and activated afterwards; cell state [batch, size], in and out;
 * its copy and the hidden state [batch, size], out; batch; size.
 */
export function lstmCell(p: usize): void {
  let gates: usize = load<u32>(p);
  let state: usize = load<u32>(p, 4);
  let cell: usize = load<u32>(p, 8);
  let hidden: usize = load<u32>(p, 12);
  const row: usize = <usize>load<u32>(p, 20) << 2;
  for (let batch: u32 = load<u32>(p, 16); batch != 0; batch--) {
    let at: usize = 0;
    for (; at + 16 <= row; at += 16) forward(gates + at, row, state + at, cell + at, hidden + at, true);
    for (; at < row; at += 4) forward(gates + at, row, state + at, cell + at, hidden + at, false);
    gates += 4 * row;
    state += row;
    cell += row;
    hidden += row;
  }
}

@inline
function backward(
  gradGates: usize, gates: usize, row: usize, before: usize, cell: usize, gradHidden: usize, gradCell: usize, whole: bool,
): void {
  const i = loadLanes(gates, whole);
  const f = loadLanes(gates + row, whole);
  const g = loadLanes(gates + 2 * row, whole);
  const o = loadLanes(gates + 3 * row, whole);
  const th = tanh4(loadLanes(cell, whole));
  const dh = loadLanes(gradHidden, whole);
  const dhO = f32x4.mul(dh, o);
  const dc = f32x4.add(loadLanes(gradCell, whole), f32x4.mul(dhO, complement(f32x4.mul(th, th))));
  storeLanes(gradGates, f32x4.mul(f32x4.mul(f32x4.mul(dc, g), i), complement(i)), whole);
  storeLanes(gradGates + row, f32x4.mul(f32x4.mul(f32x4.mul(dc, loadLanes(before, whole)), f), complement(f)), whole);
  storeLanes(gradGates + 2 * row, f32x4.mul(f32x4.mul(dc, i), complement(f32x4.mul(g, g))), whole);
  storeLanes(gradGates + 3 * row, f32x4.mul(f32x4.mul(dhO, th), complement(o)), whole);
  storeLanes(gradCell, f32x4.mul(dc, f), whole);
}

/**
 * Words: gradient of the gates before their activations [batch, 4·size], out; activated gates; cell state before the
 * step and after it [batch, size]; gradient of the hidden state; gradient of the cell state, after in, before out;
 * batch; size.
 */
export function lstmCellGrad(p: usize): void {
  let gradGates: usize = load<u32>(p);
  let gates: usize = load<u32>(p, 4);
  let before: usize = load<u32>(p, 8);
  let cell: usize = load<u32>(p, 12);
  let gradHidden: usize = load<u32>(p, 16);
  let gradCell: usize = load<u32>(p, 20);
  const row: usize = <usize>load<u32>(p, 28) << 2;
  for (let batch: u32 = load<u32>(p, 24); batch != 0; batch--) {
    let at: usize = 0;
    for (; at + 16 <= row; at += 16) {
      backward(gradGates + at, gates + at, row, before + at, cell + at, gradHidden + at, gradCell + at, true);
    }
    for (; at < row; at += 4) {
      backward(gradGates + at, gates + at, row, before + at, cell + at, gradHidden + at, gradCell + at, false);
    }
    gradGates += 4 * row;
    gates += 4 * row;
    before += row;
    cell += row;
    gradHidden += row;
    gradCell += row;
  }
}
