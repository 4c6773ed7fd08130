// Rotary position embedding: pairs of elements of each head turned by an angle that depends on place and pair. x:
// [rows, heads, 2·half]; row r is turned by row r mod table of cos and sin, [table, half]. Block words: 0 x, 1 y, 2 cos,
// 3 sin, 4 rows, 5 rows of the table, 6 heads, 7 half, 8 whether pairs are neighbours (else k and k + half), 9 whether to
// turn back.

/** (a, b) → (a·cos − b·sin, b·cos + a·sin). */
export function rotary(p: usize): void {
  const rows = load<i32>(p, 16), table = load<i32>(p, 20), heads = load<i32>(p, 24), half = load<i32>(p, 28);
  const neighbours = load<i32>(p, 32) != 0, sign: f32 = load<i32>(p, 36) != 0 ? -1 : 1;
  const headBytes = <usize>half << 3, rowBytes = <usize>half << 2;
  let x = <usize>load<u32>(p), y = <usize>load<u32>(p, 4);
  for (let r = 0; r < rows; r++) {
    const at = <usize>(r % table) * rowBytes;
    const cos = <usize>load<u32>(p, 8) + at, sin = <usize>load<u32>(p, 12) + at;
    for (let h = 0; h < heads; h++, x += headBytes, y += headBytes) {
      if (neighbours) turnNeighbours(y, x, cos, sin, half, sign);
      else turnHalves(y, x, cos, sin, half, sign);
    }
  }
}

function turnHalves(y: usize, x: usize, cos: usize, sin: usize, half: i32, sign: f32): void {
  const far = <usize>half << 2, signs = f32x4.splat(sign);
  let k = 0;
  for (; k + 4 <= half; k += 4, x += 16, y += 16, cos += 16, sin += 16) {
    const a = v128.load(x), b = v128.load(x + far);
    const c = v128.load(cos), s = f32x4.mul(v128.load(sin), signs);
    v128.store(y, f32x4.sub(f32x4.mul(a, c), f32x4.mul(b, s)));
    v128.store(y + far, f32x4.add(f32x4.mul(b, c), f32x4.mul(a, s)));
  }
  for (; k < half; k++, x += 4, y += 4, cos += 4, sin += 4) turnPair(y, y + far, x, x + far, cos, sin, sign);
}

function turnNeighbours(y: usize, x: usize, cos: usize, sin: usize, half: i32, sign: f32): void {
  const signs = f32x4.splat(sign);
  let k = 0;
  for (; k + 4 <= half; k += 4, x += 32, y += 32, cos += 16, sin += 16) {
    const low = v128.load(x), high = v128.load(x, 16);
    const a = v128.shuffle<f32>(low, high, 0, 2, 4, 6), b = v128.shuffle<f32>(low, high, 1, 3, 5, 7);
    const c = v128.load(cos), s = f32x4.mul(v128.load(sin), signs);
    const first = f32x4.sub(f32x4.mul(a, c), f32x4.mul(b, s)), second = f32x4.add(f32x4.mul(b, c), f32x4.mul(a, s));
    v128.store(y, v128.shuffle<f32>(first, second, 0, 4, 1, 5));
    v128.store(y, v128.shuffle<f32>(first, second, 2, 6, 3, 7), 16);
  }
  for (; k < half; k++, x += 8, y += 8, cos += 4, sin += 4) turnPair(y, y + 4, x, x + 4, cos, sin, sign);
}

@inline function turnPair(y: usize, z: usize, x: usize, w: usize, cos: usize, sin: usize, sign: f32): void {
  const a = load<f32>(x), b = load<f32>(w), c = load<f32>(cos), s = load<f32>(sin) * sign;
  store<f32>(y, a * c - b * s);
  store<f32>(z, b * c + a * s);
}
