import fc from 'fast-check';
import { embedding } from '../../src/ops/embedding.ts';
import { cat, stack } from '../../src/ops/join.ts';
import { sizeOf, type Shape } from '../../src/shape.ts';
import { calls, dimOf, filled, indicesBelow, joined, ofShapes, seed, shapeAndDim, shapes } from './call.ts';
import type { OpCalls, Space } from './call.ts';

const offset = fc.integer({ min: -2, max: 2 });
const atLeastTwo = (space: Space) => shapes(space, { from: 2 });

/** Two different dimensions of a shape. */
const pairOf = (shape: Shape) =>
  fc.tuple(fc.constant(shape), dimOf(shape), dimOf(shape)).filter(([{ length }, a, b]) => (a - b) % length !== 0);

/** A shape, a dimension, and a range in it. */
const ranges = (space: Space) =>
  shapeAndDim(space).chain(({ shape, dim }) => {
    const size = shape.at(dim)!;
    return fc.record({ shape: fc.constant(shape), dim: fc.constant(dim), a: fc.nat(size), b: fc.nat(size) });
  });

/** x, and an index that is no longer than x in any dimension but dim. */
const picks = (space: Space) =>
  fc
    .record({
      at: shapeAndDim(space),
      length: space.size,
      less: fc.array(fc.nat(2), { minLength: 4, maxLength: 4 }),
      from: seed,
    })
    .map(({ at: { shape, dim }, length, less, from }) => {
      const whole = shape.map((n, d) => Math.max(0, n - less[d]!));
      return { shape, dim, from, index: whole.with(dim, shape.at(dim) === 0 ? 0 : length) };
    })
    .filter(({ index }) => sizeOf(index) <= space.most);

/** Views, joins and picks. */
export const movementCalls: OpCalls = {
  cat: (space) =>
    calls(
      fc.tuple(shapeAndDim(space), fc.array(space.size, { minLength: 1, maxLength: 3 })),
      ([{ shape, dim }, sizes]) => ({
        inputs: ofShapes(...sizes.map((n) => shape.with(dim, n))),
        run: (...parts) => cat(parts, dim),
      }),
    ),
  chunk: (space) =>
    calls(fc.tuple(shapeAndDim(space), fc.integer({ min: 1, max: 5 })), ([{ shape, dim }, count]) => ({
      inputs: ofShapes(shape),
      run: (x) => joined(x.chunk(count, dim)),
    })),
  diagonal: (space) =>
    calls(fc.tuple(atLeastTwo(space).chain(pairOf), offset), ([[shape, a, b], k]) => ({
      inputs: ofShapes(shape),
      run: (x) => x.diagonal(k, a, b),
    })),
  embedding: (space) =>
    calls(
      fc.record({
        rows: space.some,
        width: space.size,
        index: shapes(space, { to: 2 }),
        scaleGradByFreq: fc.boolean(),
        hasPadding: fc.boolean(),
        from: seed,
      }),
      ({ rows, width, index, hasPadding, scaleGradByFreq, from }) => ({
        inputs: ofShapes([rows, width]),
        // Its gradient is not the derivative where it is scaled or left out, so a central difference sees the plain one.
        run: (table) =>
          embedding(
            indicesBelow(rows, index, from),
            table,
            table.dtype === 'float64' ? {} : { paddingIdx: hasPadding ? rows - 1 : null, scaleGradByFreq },
          ),
      }),
    ),
  expand: (space) =>
    calls(
      fc.tuple(shapes(space, { to: 3 }), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.boolean()),
      ([shape, ones, isLonger]) => ({
        inputs: ofShapes(shape.map((n, d) => (ones[d] ? 1 : n))),
        run: (x) => x.expand([...(isLonger ? [2] : []), ...shape.map((n, d) => (ones[d] ? n : -1))]),
      }),
    ),
  flatten: (space) =>
    calls(
      shapes(space).chain((shape) => fc.tuple(fc.constant(shape), fc.nat(3), fc.nat(3))),
      ([shape, a, b]) => {
        const last = Math.max(shape.length - 1, 0);
        const [start, end] = [Math.min(a, b, last), Math.min(Math.max(a, b), last)];
        return { inputs: ofShapes(shape), run: (x) => (shape.length === 0 ? x.flatten() : x.flatten(start, end)) };
      },
    ),
  flip: (space) =>
    calls(
      shapes(space).chain((shape) => fc.tuple(fc.constant(shape), fc.subarray(shape.map((_, d) => d)))),
      ([shape, dims]) => ({ inputs: ofShapes(shape), run: (x) => x.flip(dims) }),
    ),
  gather: (space) =>
    calls(picks(space), ({ shape, dim, index, from }) => ({
      inputs: ofShapes(shape),
      run: (x) => x.gather(dim, indicesBelow(shape.at(dim)!, index, from)),
    })),
  indexSelect: (space) =>
    calls(fc.tuple(shapeAndDim(space), space.size, seed), ([{ shape, dim }, count, from]) => ({
      inputs: ofShapes(shape),
      run: (x) => x.indexSelect(dim, indicesBelow(shape.at(dim)!, [shape.at(dim) === 0 ? 0 : count], from)),
    })),
  narrow: (space) =>
    calls(ranges(space), ({ shape, dim, a, b }) => ({
      inputs: ofShapes(shape),
      run: (x) => x.narrow(dim, Math.min(a, b), Math.abs(a - b)),
    })),
  pad: (space) =>
    calls(
      fc.tuple(
        shapes(space, { from: 1, to: 3 }),
        fc.array(fc.tuple(fc.integer({ min: -2, max: 3 }), fc.integer({ min: -2, max: 3 })), { maxLength: 3 }),
        fc.constantFrom('constant', 'reflect', 'replicate', 'circular'),
      ),
      ([shape, drawn, mode]) => {
        const sides = drawn
          .slice(0, shape.length)
          .map(([before, after], i) => limited(shape.at(-1 - i)!, before, after, mode));
        return { inputs: ofShapes(shape), run: (x) => x.pad(sides.flat(), mode === 'constant' ? 0.5 : { mode }) };
      },
    ),
  permute: (space) =>
    calls(
      shapes(space).chain((shape) =>
        fc.tuple(
          fc.constant(shape),
          fc.shuffledSubarray(
            shape.map((_, d) => d),
            { minLength: shape.length },
          ),
        ),
      ),
      ([shape, order]) => ({ inputs: ofShapes(shape), run: (x) => x.permute(order) }),
    ),
  repeat: (space) =>
    calls(
      fc.tuple(shapes(space, { to: 3 }), fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }), fc.boolean()),
      ([shape, times, isLonger]) => ({
        inputs: ofShapes(shape),
        run: (x) => x.repeat(times.slice(0, shape.length + Number(isLonger))),
      }),
    ),
  repeatInterleave: (space) =>
    calls(fc.tuple(shapeAndDim(space), fc.nat(3), fc.boolean()), ([{ shape, dim }, times, isFlat]) => ({
      inputs: ofShapes(shape),
      run: (x) => (isFlat ? x.repeatInterleave(times) : x.repeatInterleave(times, dim)),
    })),
  reshape: (space) =>
    calls(fc.tuple(shapes(filled(space)), fc.nat(3), fc.boolean()), ([shape, split, isOpen]) => {
      const to = [...shape.slice(0, split), sizeOf(shape.slice(split)), 1];
      return { inputs: ofShapes(shape), run: (x) => x.reshape(isOpen ? [...to.slice(0, -2), -1, 1] : to) };
    }),
  roll: (space) =>
    calls(
      fc.tuple(shapeAndDim(space), fc.integer({ min: -9, max: 9 }), fc.boolean()),
      ([{ shape, dim }, by, isFlat]) => ({
        inputs: ofShapes(shape),
        run: (x) => (isFlat ? x.roll(by) : x.roll(by, dim)),
      }),
    ),
  scatter: (space) =>
    calls(fc.tuple(picks(space), fc.boolean(), fc.nat(2)), ([{ shape, dim, index, from }, isNumber, more]) => ({
      inputs: ofShapes(
        shape,
        index.map((n) => n + more),
      ),
      // Of several elements for one place the last stays, which the derivative knows and the gradient does not.
      run: (x, source) => {
        const places = index.map((n, d) => (d === (dim + shape.length) % shape.length ? Math.min(n, 1) : n));
        return x.scatter(dim, indicesBelow(shape.at(dim)!, places, from), isNumber ? 2.5 : source!);
      },
    })),
  scatterAdd: (space) =>
    calls(fc.tuple(picks(space), fc.nat(2)), ([{ shape, dim, index, from }, more]) => ({
      inputs: ofShapes(
        shape,
        index.map((n) => n + more),
      ),
      run: (x, source) => x.scatterAdd(dim, indicesBelow(shape.at(dim)!, index, from), source!),
    })),
  select: (space) =>
    calls(
      fc.tuple(shapeAndDim(space), fc.nat(200)).filter(([{ shape, dim }]) => shape.at(dim) !== 0),
      ([{ shape, dim }, at]) => ({ inputs: ofShapes(shape), run: (x) => x.select(dim, at % shape.at(dim)!) }),
    ),
  slice: (space) =>
    calls(fc.tuple(ranges(space), fc.integer({ min: 1, max: 3 })), ([{ shape, dim, a, b }, step]) => ({
      inputs: ofShapes(shape),
      run: (x) => x.slice(dim, a, b, step),
    })),
  split: (space) =>
    calls(fc.tuple(ranges(space), space.some), ([{ shape, dim, a }, size]) => ({
      inputs: ofShapes(shape),
      run: (x) => joined([...x.split(size, dim), ...x.split([a, shape.at(dim)! - a], dim)]),
    })),
  squeeze: (space) =>
    calls(fc.tuple(shapeAndDim(space), fc.boolean()), ([{ shape, dim }, isAll]) => ({
      inputs: ofShapes(shape),
      run: (x) => (isAll ? x.squeeze() : x.squeeze(dim)),
    })),
  stack: (space) =>
    calls(
      shapes(space, { to: 3 }).chain((shape) =>
        fc.record({ shape: fc.constant(shape), dim: dimOf([...shape, 1]), count: fc.integer({ min: 1, max: 3 }) }),
      ),
      ({ shape, dim, count }) => ({
        inputs: ofShapes(...Array.from({ length: count }, () => shape)),
        run: (...parts) => stack(parts, dim),
      }),
    ),
  t: (space) => calls(shapes(space, { to: 2 }), (shape) => ({ inputs: ofShapes(shape), run: (x) => x.t() })),
  transpose: (space) =>
    calls(
      shapes(space, { from: 1 }).chain((shape) => fc.tuple(fc.constant(shape), dimOf(shape), dimOf(shape))),
      ([shape, a, b]) => ({ inputs: ofShapes(shape), run: (x) => x.transpose(a, b) }),
    ),
  tril: (space) =>
    calls(fc.tuple(atLeastTwo(space), offset), ([shape, k]) => ({ inputs: ofShapes(shape), run: (x) => x.tril(k) })),
  triu: (space) =>
    calls(fc.tuple(atLeastTwo(space), offset), ([shape, k]) => ({ inputs: ofShapes(shape), run: (x) => x.triu(k) })),
  unbind: (space) =>
    calls(shapeAndDim(space), ({ shape, dim }) => ({
      inputs: ofShapes(shape),
      run: (x) => joined([x.flatten(), ...x.unbind(dim)]),
    })),
  unflatten: (space) =>
    calls(fc.tuple(shapeAndDim(space), fc.integer({ min: 1, max: 3 })), ([{ shape, dim }, n]) => ({
      inputs: ofShapes(shape.with(dim, shape.at(dim)! * n)),
      run: (x) => x.unflatten(dim, [-1, n]),
    })),
  unfold: (space) =>
    calls(
      fc.tuple(shapeAndDim(space), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 })),
      ([{ shape, dim }, size, step]) => ({
        inputs: ofShapes(shape.with(dim, shape.at(dim)! + size)),
        run: (x) => x.unfold(dim, size, step),
      }),
    ),
  unsqueeze: (space) =>
    calls(
      shapes(space, { to: 3 }).chain((shape) => fc.tuple(fc.constant(shape), dimOf([...shape, 1]))),
      ([shape, dim]) => ({ inputs: ofShapes(shape), run: (x) => x.unsqueeze(dim) }),
    ),
};

/** Amounts of padding that a mode allows for a dimension of `size`. */
function limited(size: number, before: number, after: number, mode: string): [number, number] {
  const cut = (n: number): number => Math.max(n, -Math.floor(size / 2));
  const left = size + Math.min(cut(before), 0) + Math.min(cut(after), 0);
  const most = { constant: 9, replicate: left === 0 ? 0 : 9, reflect: Math.max(left - 1, 0), circular: left }[mode]!;
  return [Math.min(cut(before), most), Math.min(cut(after), most)];
}
