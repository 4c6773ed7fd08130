// Pen strokes as polylines: smooth curves become short line segments, and segments become ink on a grey image.

/** Line segments x0, y0, x1, y1 of a drawing, one after the other. */
export type Segments = Float64Array;

const SEGMENTS_PER_SPAN = 4;

/** Cuts the uniform Catmull-Rom curve through `points` (x0, y0, x1, y1, …; two or more) into line segments. */
export function segmentsThrough(points: readonly number[]): Segments {
  const spans = points.length / 2 - 1;
  const segments = new Float64Array(spans * SEGMENTS_PER_SPAN * 4);
  const coordinate = (index: number, axis: number) => points[2 * Math.min(Math.max(index, 0), spans) + axis];
  const at = (span: number, t: number, axis: number): number => {
    const [a, b, c, d] = [-1, 0, 1, 2].map((offset) => coordinate(span + offset, axis));
    return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
  };
  for (let i = 0; i < segments.length / 4; i++) {
    const span = Math.floor(i / SEGMENTS_PER_SPAN);
    const step = i % SEGMENTS_PER_SPAN;
    for (let end = 0; end < 2; end++) {
      for (let axis = 0; axis < 2; axis++) {
        segments[4 * i + 2 * end + axis] = at(span, (step + end) / SEGMENTS_PER_SPAN, axis);
      }
    }
  }
  return segments;
}

/**
 * Draws segments (in pixels) with a round pen of `radius` pixels into `ink`: [side, side], where 1 is full ink; edges
 * are one pixel wide and ink only ever grows. What lies outside of the image is not drawn.
 */
export function drawSegments(ink: Float32Array, side: number, segments: Segments, radius: number): void {
  const reach = radius + 0.5;
  for (let s = 0; s < segments.length; s += 4) {
    const x0 = segments[s];
    const y0 = segments[s + 1];
    const dx = segments[s + 2] - x0;
    const dy = segments[s + 3] - y0;
    const inverseLength2 = 1 / (dx * dx + dy * dy + 1e-12);
    const left = Math.max(0, Math.ceil(Math.min(x0, x0 + dx) - reach));
    const right = Math.min(side - 1, Math.floor(Math.max(x0, x0 + dx) + reach));
    const top = Math.max(0, Math.ceil(Math.min(y0, y0 + dy) - reach));
    const bottom = Math.min(side - 1, Math.floor(Math.max(y0, y0 + dy) + reach));
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const along = Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) * inverseLength2));
        const offX = x - x0 - along * dx;
        const offY = y - y0 - along * dy;
        const covered = Math.min(1, reach - Math.sqrt(offX * offX + offY * offY));
        if (covered > ink[y * side + x]) ink[y * side + x] = covered;
      }
    }
  }
}
