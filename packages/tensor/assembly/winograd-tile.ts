/**
 * F(4 × 4, 3 × 3): the line transforms along both sides of four squares at once, one in each lane. Squares are read and
 * written as rows of pixels at four addresses; the 36 transformed values of all four lie as vectors, `step` bytes apart.
 */
import { workAddress } from './scratch';
import { inputLine, outputGradientLine, outputLine } from './winograd-line';

/** Between two lines of the half transformed squares, six vectors each, at the start of the working memory. */
const LINE: usize = 6 << 4;
export const TILE_WORK_BYTES: usize = 1024;

/** Bᵀ·x·B of squares of 6 × 6; `row` is the step from row to row. */
export function transformInput(
  x0: usize, x1: usize, x2: usize, x3: usize, row: usize, to: usize, step: usize,
): void {
  const lines = workAddress();
  for (let line = lines; line < lines + 6 * LINE; line += LINE) {
    const a = v128.load(x0), b = v128.load(x1), c = v128.load(x2), d = v128.load(x3);
    const ab = v128.load64_lane(x1, v128.load64_zero(x0, 16), 1, 16);
    const cd = v128.load64_lane(x3, v128.load64_zero(x2, 16), 1, 16);
    const low01 = v128.shuffle<f32>(a, b, 0, 4, 1, 5), high01 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const low23 = v128.shuffle<f32>(c, d, 0, 4, 1, 5), high23 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    inputLine(
      v128.shuffle<f32>(low01, low23, 0, 1, 4, 5), v128.shuffle<f32>(low01, low23, 2, 3, 6, 7),
      v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), v128.shuffle<f32>(high01, high23, 2, 3, 6, 7),
      v128.shuffle<f32>(ab, cd, 0, 2, 4, 6), v128.shuffle<f32>(ab, cd, 1, 3, 5, 7), line, 16,
    );
    x0 += row;
    x1 += row;
    x2 += row;
    x3 += row;
  }
  for (let line = lines; line < lines + LINE; line += 16) {
    inputLine(
      v128.load(line), v128.load(line, LINE), v128.load(line, 2 * LINE), v128.load(line, 3 * LINE),
      v128.load(line, 4 * LINE), v128.load(line, 5 * LINE), to, 6 * step,
    );
    to += step;
  }
}

/** start + Aᵀ·m·A, squares of 4 × 4 written at y0 to y3. */
export function transformOutput(
  from: usize, step: usize, start: v128, y0: usize, y1: usize, y2: usize, y3: usize, row: usize,
): void {
  const lines = workAddress();
  const down = 6 * step;
  for (let line = lines; line < lines + LINE; line += 16) {
    outputLine(
      v128.load(from), v128.load(from + down), v128.load(from + 2 * down), v128.load(from + 3 * down),
      v128.load(from + 4 * down), v128.load(from + 5 * down), line, LINE,
    );
    from += step;
  }
  const pixels = lines + 4 * LINE;
  for (let line = lines; line < lines + 4 * LINE; line += LINE) {
    outputLine(
      v128.load(line), v128.load(line, 16), v128.load(line, 32), v128.load(line, 48), v128.load(line, 64),
      v128.load(line, 80), pixels, 16,
    );
    const a = f32x4.add(start, v128.load(pixels)), b = f32x4.add(start, v128.load(pixels, 16));
    const c = f32x4.add(start, v128.load(pixels, 32)), d = f32x4.add(start, v128.load(pixels, 48));
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

/** A·y·Aᵀ of squares of 4 × 4. */
export function transformOutputGradient(
  y0: usize, y1: usize, y2: usize, y3: usize, row: usize, to: usize, step: usize,
): void {
  const lines = workAddress();
  for (let line = lines; line < lines + 4 * LINE; line += LINE) {
    const a = v128.load(y0), b = v128.load(y1), c = v128.load(y2), d = v128.load(y3);
    const low01 = v128.shuffle<f32>(a, b, 0, 4, 1, 5), high01 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const low23 = v128.shuffle<f32>(c, d, 0, 4, 1, 5), high23 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    outputGradientLine(
      v128.shuffle<f32>(low01, low23, 0, 1, 4, 5), v128.shuffle<f32>(low01, low23, 2, 3, 6, 7),
      v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), line, 16,
    );
    y0 += row;
    y1 += row;
    y2 += row;
    y3 += row;
  }
  for (let line = lines; line < lines + LINE; line += 16) {
    outputGradientLine(
      v128.load(line), v128.load(line, LINE), v128.load(line, 2 * LINE), v128.load(line, 3 * LINE), to, 6 * step,
    );
    to += step;
  }
}
