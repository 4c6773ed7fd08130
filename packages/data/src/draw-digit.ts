import { DIGIT_GLYPHS } from './digit-glyphs.ts';
import { drawSegments, segmentsThrough, type Segments } from './polyline.ts';

/** Height and width of a drawn digit, in pixels. */
export const DIGIT_SIDE = 28;

/** Points of the lattice of the elastic field, each way; its cells span the image. */
const LATTICE = 4;
const ELASTIC_PIXELS = 1.1;
const NOISE_GREY = 20;
const VARIANTS: readonly (readonly (readonly Segments[])[])[] = DIGIT_GLYPHS.map((glyphs) =>
  glyphs.map((glyph) => glyph.map(segmentsThrough)),
);

const ink = new Float32Array(DIGIT_SIDE * DIGIT_SIDE);
const field = new Float64Array(2 * LATTICE * LATTICE);

/**
 * Draws `digit` (0 to 9) as a grey image of [28, 28] into `pixels` from index `start` on; black is 0, full ink 255.
 * One of the digit's glyphs is scaled, slanted, turned and shifted (affine), bent by a smooth random field (elastic;
 * Simard, Steinkraus & Platt 2003), drawn with a pen of random width, and covered with noise.
 * `uniform` gives numbers in [0, 1) and is the only source of chance.
 */
export function drawDigit(digit: number, uniform: () => number, pixels: Uint8Array, start: number): void {
  const variants = VARIANTS[digit];
  const strokes = variants[Math.floor(uniform() * variants.length)];
  const place = affine(uniform);
  for (let i = 0; i < field.length; i++) field[i] = ELASTIC_PIXELS * normal(uniform);
  const penRadius = 0.55 + 0.95 * uniform();
  ink.fill(0);
  for (const stroke of strokes) drawSegments(ink, DIGIT_SIDE, bend(stroke, place), penRadius);
  develop(uniform, pixels, start);
}

/** A matrix and offset from the glyph's box of 100 × 100 to pixels: [xx, xy, x0, yx, yy, y0]. */
function affine(uniform: () => number): readonly number[] {
  const height = 0.2 * (0.85 + 0.25 * uniform()); // pixels per unit of the box: 17 to 22 pixels high
  const width = height * (0.75 + 0.4 * uniform());
  const slant = 0.2 * normal(uniform) - 0.1; // handwriting leans to the right
  const angle = 0.13 * normal(uniform);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [xx, xy] = [cos * width, (cos * slant - sin) * height];
  const [yx, yy] = [sin * width, (sin * slant + cos) * height];
  const centre = (DIGIT_SIDE - 1) / 2;
  const [shiftX, shiftY] = [1.2 * normal(uniform), 1.2 * normal(uniform)];
  return [xx, xy, centre + shiftX - 50 * (xx + xy), yx, yy, centre + shiftY - 50 * (yx + yy)];
}

function bend(stroke: Segments, [xx, xy, x0, yx, yy, y0]: readonly number[]): Segments {
  const bent = new Float64Array(stroke.length);
  for (let i = 0; i < stroke.length; i += 2) {
    const x = xx * stroke[i] + xy * stroke[i + 1] + x0;
    const y = yx * stroke[i] + yy * stroke[i + 1] + y0;
    bent[i] = x + displacement(x, y, 0);
    bent[i + 1] = y + displacement(x, y, LATTICE * LATTICE);
  }
  return bent;
}

/** The elastic field at (x, y), in pixels: between the points of the lattice it is bilinear. */
function displacement(x: number, y: number, component: number): number {
  const cells = LATTICE - 1;
  const u = Math.min(Math.max((x / (DIGIT_SIDE - 1)) * cells, 0), cells - 1e-9);
  const v = Math.min(Math.max((y / (DIGIT_SIDE - 1)) * cells, 0), cells - 1e-9);
  const [column, row] = [Math.floor(u), Math.floor(v)];
  const [right, down] = [u - column, v - row];
  const at = component + row * LATTICE + column;
  const top = field[at] + right * (field[at + 1] - field[at]);
  const bottom = field[at + LATTICE] + right * (field[at + LATTICE + 1] - field[at + LATTICE]);
  return top + down * (bottom - top);
}

/** Turns ink into grey values, with noise everywhere: a random number of 24 bits has that of three pixels. */
function develop(uniform: () => number, pixels: Uint8Array, start: number): void {
  const full = 190 + 65 * uniform();
  let bits = 0;
  for (let i = 0; i < ink.length; i++) {
    if (i % 3 === 0) bits = (uniform() * 2 ** 24) | 0;
    const grey = ink[i] * full + NOISE_GREY * ((bits & 255) / 127.5 - 1);
    bits >>= 8;
    pixels[start + i] = Math.min(255, Math.max(0, grey));
  }
}

/** About N(0, 1): the sum of four uniform numbers, scaled (Irwin-Hall). */
function normal(uniform: () => number): number {
  return (uniform() + uniform() + uniform() + uniform() - 2) * Math.sqrt(3);
}
