import { COLOR_BYTES, COLOR_SIDE } from './color-images.ts';

/** Whether the point (x, y), with the shape about as large as the unit circle, lies inside. */
type Shape = (x: number, y: number) => boolean;

const ring =
  (inner: number): Shape =>
  (x, y) =>
    Math.hypot(x, y) < 1 && Math.hypot(x, y) > inner;
const square: Shape = (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.85;
const triangle: Shape = (x, y) => y < 0.6 && Math.abs(x) * 1.7 < y + 1.1;
const cross: Shape = (x, y) => Math.min(Math.abs(x), Math.abs(y)) < 0.3 && Math.max(Math.abs(x), Math.abs(y)) < 1;

/** Disc, ring, square, frame, triangle, cross, bar, and half disc. */
export const SHAPES: readonly Shape[] = [
  ring(0),
  ring(0.6),
  square,
  (x, y) => square(x, y) && !square(1.7 * x, 1.7 * y),
  triangle,
  cross,
  (x, y) => Math.abs(x) < 1.1 && Math.abs(y) < 0.35,
  (x, y) => Math.hypot(x, y - 0.4) < 1.1 && y < 0.4,
];

const NOISE = 24;

/**
 * Draws shape number `kind` as an image of [3, 32, 32] into `pixels` from index `start` on: at a random place, size and
 * angle, in one colour on another that differs clearly in every channel, under noise. No class has a colour of
 * its own. `uniform` gives numbers in [0, 1) and is the only source of chance.
 */
export function drawShape(kind: number, uniform: () => number, pixels: Uint8Array, start: number): void {
  const isInside = SHAPES[kind]!;
  const radius = 7 + 5 * uniform();
  const [centreX, centreY] = [0, 0].map(() => COLOR_SIDE / 2 + 6 * (uniform() - 0.5));
  const angle = 0.8 * (uniform() - 0.5);
  const [cos, sin] = [Math.cos(angle) / radius, Math.sin(angle) / radius];
  const ground = [0, 0, 0].map(() => 255 * uniform());
  const ink = ground.map((value) => (value + 255 * (0.3 + 0.4 * uniform())) % 255); // at least 30 % of the range away
  const plane = COLOR_SIDE * COLOR_SIDE;
  for (let i = 0; i < plane; i++) {
    const [dx, dy] = [(i % COLOR_SIDE) + 0.5 - centreX!, Math.floor(i / COLOR_SIDE) + 0.5 - centreY!];
    const color = isInside(cos * dx + sin * dy, cos * dy - sin * dx) ? ink : ground;
    for (let channel = 0; channel < COLOR_BYTES / plane; channel++) {
      const value = color[channel]! + NOISE * (2 * uniform() - 1);
      pixels[start + channel * plane + i] = Math.min(255, Math.max(0, value));
    }
  }
}
