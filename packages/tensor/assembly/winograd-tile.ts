/**
 * F(4 × 4, 3 × 3): transforms of four squares at once, one in each lane. Value j of line i of all four is a vector at
 * j·DOWN + i·MATRIX.
 */
import { inputLine, outputGradientLine, outputLine } from './winograd-line';
import { DOWN, HALFWAY, MATRIX } from './winograd-plan';

/** Bᵀ·x·B of squares of 6 × 6 in strips, whose columns are transformed already. */
export function transformInput(x0: usize, x1: usize, x2: usize, x3: usize, to: usize): void {
  for (const end = to + 6 * MATRIX; to < end; to += MATRIX) {
    const a = v128.load(x0), b = v128.load(x1), c = v128.load(x2), d = v128.load(x3);
    const ab = v128.load64_lane(x1, v128.load64_zero(x0, 16), 1, 16);
    const cd = v128.load64_lane(x3, v128.load64_zero(x2, 16), 1, 16);
    const low01 = v128.shuffle<f32>(a, b, 0, 4, 1, 5), high01 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const low23 = v128.shuffle<f32>(c, d, 0, 4, 1, 5), high23 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    inputLine(
      v128.shuffle<f32>(low01, low23, 0, 1, 4, 5), v128.shuffle<f32>(low01, low23, 2, 3, 6, 7),
      v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), v128.shuffle<f32>(high01, high23, 2, 3, 6, 7),
      v128.shuffle<f32>(ab, cd, 0, 2, 4, 6), v128.shuffle<f32>(ab, cd, 1, 3, 5, 7), to,
    );
    x0 += DOWN;
    x1 += DOWN;
    x2 += DOWN;
    x3 += DOWN;
  }
}

/** A·y·Aᵀ of squares of 4 × 4 in strips, whose columns are transformed already. */
export function transformOutputGradient(y0: usize, y1: usize, y2: usize, y3: usize, to: usize): void {
  for (const end = to + 6 * MATRIX; to < end; to += MATRIX) {
    const a = v128.load(y0), b = v128.load(y1), c = v128.load(y2), d = v128.load(y3);
    const low01 = v128.shuffle<f32>(a, b, 0, 4, 1, 5), high01 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const low23 = v128.shuffle<f32>(c, d, 0, 4, 1, 5), high23 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    outputGradientLine(
      v128.shuffle<f32>(low01, low23, 0, 1, 4, 5), v128.shuffle<f32>(low01, low23, 2, 3, 6, 7),
      v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), to,
    );
    y0 += DOWN;
    y1 += DOWN;
    y2 += DOWN;
    y3 += DOWN;
  }
}

/** start + Aᵀ·m·A, squares of 4 × 4 written at y0 to y3; half transformed they lie in the matrices' spare room. */
export function transformOutput(
  matrices: usize, at: usize, start: v128, y0: usize, y1: usize, y2: usize, y3: usize, row: usize,
): void {
  const halfway = matrices + HALFWAY;
  let from = matrices + at;
  for (let line = halfway; line < halfway + 6 * MATRIX; line += MATRIX) {
    outputLine(
      v128.load(from), v128.load(from, MATRIX), v128.load(from, 2 * MATRIX), v128.load(from, 3 * MATRIX),
      v128.load(from, 4 * MATRIX), v128.load(from, 5 * MATRIX), line,
    );
    from += DOWN;
  }
  const pixels = halfway + 16;
  for (let line = halfway; line < halfway + 4 * DOWN; line += DOWN) {
    outputLine(
      v128.load(line), v128.load(line, MATRIX), v128.load(line, 2 * MATRIX), v128.load(line, 3 * MATRIX),
      v128.load(line, 4 * MATRIX), v128.load(line, 5 * MATRIX), pixels,
    );
    const a = f32x4.add(start, v128.load(pixels)), b = f32x4.add(start, v128.load(pixels, DOWN));
    const c = f32x4.add(start, v128.load(pixels, 2 * DOWN)), d = f32x4.add(start, v128.load(pixels, 3 * DOWN));
    const low01 = v128.shuffle<f32>(a, b, 0, 4, 1, 5), high01 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const low23 = v128.shuffle<f32>(c, d, 0, 4, 1, 5), high23 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    v128.store(y0, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
    v128.store(y1, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7));
    v128.store(y2, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5));
    v128.store(y3, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7));
    y0 += row;
    y1 += row;
    y2 += row;
    y3 += row;
  }
}
