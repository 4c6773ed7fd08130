// One time step of a GRU for each of a batch of sequences, all but the product with the weights (Cho et al. 2014, with
// the reset gate after the product). Rows of gates hold r, z, n, each of `size` floats.
import { loadLanes, storeLanes } from './lanes';
import { sigmoid4, tanh4 } from './math';

@inline function complement(x: v128): v128 {
  return f32x4.sub(f32x4.splat(1), x);
}

/** One vector of units: n = tanh(gate + r·recurrent), h = n + z·(h − n). */
@inline
function forward(
  gates: usize, recurrent: usize, row: usize, candidate: usize, state: usize, hidden: usize, whole: bool,
): void {
  const r = sigmoid4(f32x4.add(loadLanes(gates, whole), loadLanes(recurrent, whole)));
  const z = sigmoid4(f32x4.add(loadLanes(gates + row, whole), loadLanes(recurrent + row, whole)));
  const inner = loadLanes(recurrent + 2 * row, whole);
  const n = tanh4(f32x4.add(loadLanes(gates + 2 * row, whole), f32x4.mul(r, inner)));
  storeLanes(gates, r, whole);
  storeLanes(gates + row, z, whole);
  storeLanes(gates + 2 * row, n, whole);
  storeLanes(candidate, inner, whole);
  storeLanes(hidden, f32x4.add(n, f32x4.mul(z, f32x4.sub(loadLanes(state, whole), n))), whole);
}

/**
 * Words: gates [batch, 3·size], the input's part, and activated afterwards; the state's part of them [batch, 3·size]; the
 * copy of its last third, out; state before the step [batch, size]; state after it, out; batch; size.
 */
export function gruCell(p: usize): void {
  let gates: usize = load<u32>(p);
  let recurrent: usize = load<u32>(p, 4);
  let candidate: usize = load<u32>(p, 8);
  let state: usize = load<u32>(p, 12);
  let hidden: usize = load<u32>(p, 16);
  const row: usize = <usize>load<u32>(p, 24) << 2;
  for (let batch: u32 = load<u32>(p, 20); batch != 0; batch--) {
    let at: usize = 0;
    for (; at + 16 <= row; at += 16) {
      forward(gates + at, recurrent + at, row, candidate + at, state + at, hidden + at, true);
    }
    for (; at < row; at += 4) {
      forward(gates + at, recurrent + at, row, candidate + at, state + at, hidden + at, false);
    }
    gates += 3 * row;
    recurrent += 3 * row;
    candidate += row;
    state += row;
    hidden += row;
  }
}

@inline
function backward(
  gradGates: usize, gradRecurrent: usize, gates: usize, row: usize, candidate: usize, before: usize, gradHidden: usize,
  whole: bool,
): void {
  const r = loadLanes(gates, whole);
  const z = loadLanes(gates + row, whole);
  const n = loadLanes(gates + 2 * row, whole);
  const dh = loadLanes(gradHidden, whole);
  const dn = f32x4.mul(f32x4.mul(dh, complement(z)), complement(f32x4.mul(n, n)));
  const dz = f32x4.mul(f32x4.mul(f32x4.mul(dh, f32x4.sub(loadLanes(before, whole), n)), z), complement(z));
  const dr = f32x4.mul(f32x4.mul(f32x4.mul(dn, loadLanes(candidate, whole)), r), complement(r));
  storeLanes(gradGates, dr, whole);
  storeLanes(gradGates + row, dz, whole);
  storeLanes(gradGates + 2 * row, dn, whole);
  storeLanes(gradRecurrent, dr, whole);
  storeLanes(gradRecurrent + row, dz, whole);
  storeLanes(gradRecurrent + 2 * row, f32x4.mul(dn, r), whole);
  storeLanes(gradHidden, f32x4.mul(dh, z), whole);
}

/**
 * Words: gradients of the input's and of the state's part of the gates [batch, 3·size], out; activated gates; the copy
 * that gruCell kept; state before the step [batch, size]; gradient of the state: after the step in, and out what goes to
 * the state before it past the gates; batch; size.
 */
export function gruCellGrad(p: usize): void {
  let gradGates: usize = load<u32>(p);
  let gradRecurrent: usize = load<u32>(p, 4);
  let gates: usize = load<u32>(p, 8);
  let candidate: usize = load<u32>(p, 12);
  let before: usize = load<u32>(p, 16);
  let gradHidden: usize = load<u32>(p, 20);
  const row: usize = <usize>load<u32>(p, 28) << 2;
  for (let batch: u32 = load<u32>(p, 24); batch != 0; batch--) {
    let at: usize = 0;
    for (; at + 16 <= row; at += 16) {
      backward(gradGates + at, gradRecurrent + at, gates + at, row, candidate + at, before + at, gradHidden + at, true);
    }
    for (; at < row; at += 4) {
      backward(gradGates + at, gradRecurrent + at, gates + at, row, candidate + at, before + at, gradHidden + at, false);
    }
    gradGates += 3 * row;
    gradRecurrent += 3 * row;
    gates += 3 * row;
    candidate += row;
    before += row;
    gradHidden += row;
  }
}
