import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KernelPair, randomValues, VARIANTS } from './kernel-pair.ts';

const OVERWRITE = 0;
const ADD = 1;
const BIAS = 2;

interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly mode?: number;
  readonly batch?: number;
  readonly transposedA?: boolean;
  readonly transposedB?: boolean;
  /** Columns of A, B and C's memory that the product leaves out. */
  readonly gaps?: readonly [number, number, number];
  /** Batch stride 0: the same A for all of the batch. */
  readonly sharedA?: boolean;
  readonly seed?: number;
}

/** A matrix of r rows and c columns lies in rows (or, transposed, in columns) with a gap after each. */
function layout(r: number, c: number, transposed: boolean, gap: number) {
  const pitch = (transposed ? r : c) + gap;
  return { strides: transposed ? [1, pitch] : [pitch, 1], size: (transposed ? c : r) * pitch };
}

function expectProduct(pair: KernelPair, product: Product): void {
  const { m, n, k, mode = OVERWRITE, batch = 1, gaps = [0, 0, 0], sharedA = false, seed = 1 } = product;
  const a = layout(m, k, product.transposedA ?? false, gaps[0]);
  const b = layout(k, n, product.transposedB ?? false, gaps[1]);
  const ldc = n + gaps[2];
  pair.clear();
  const aAt = pair.place(randomValues(a.size * batch, seed));
  const bAt = pair.place(randomValues(b.size * batch, seed + 1));
  const cAt = pair.place(randomValues(m * ldc * batch, seed + 2));
  const biasAt = pair.place(randomValues(n, seed + 3));
  const batchStrides = [sharedA ? 0 : a.size, b.size, m * ldc];
  const words = [aAt, bAt, cAt, m, n, k, ...a.strides, ...b.strides, ldc, mode, biasAt, batch, ...batchStrides];
  const outputs = Array.from({ length: m * batch }, (_, row) => ({ address: cAt + row * ldc * 4, size: n }));
  pair.expectSame('gemm', words, outputs, 1e-6 * (k + 4));
}

describe.each(VARIANTS)('gemm, %s', (variant) => {
  const pair = new KernelPair(variant);
  const size = fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 20 }) }, fc.integer({ min: 1, max: 70 }));
  const gap = fc.integer({ min: 0, max: 5 });

  it('gives the reference product for any shape, strides, mode and batch', () => {
    const product = fc.record({
      m: size,
      n: size,
      k: fc.oneof(fc.constant(0), size),
      mode: fc.constantFrom(OVERWRITE, ADD, BIAS),
      batch: fc.integer({ min: 0, max: 3 }),
      transposedA: fc.boolean(),
      transposedB: fc.boolean(),
      gaps: fc.tuple(gap, gap, gap),
      sharedA: fc.boolean(),
      seed: fc.nat(1000),
    });
    fc.assert(
      fc.property(product, (p) => expectProduct(pair, p)),
      { numRuns: 300 },
    );
  });

  it('gives the reference product at the borders of its blocks', () => {
    const blocks = { m: [1, 16, 33, 91, 181], n: [1, 8, 17, 481], k: [32, 321, 641] };
    for (const m of blocks.m)
      for (const n of blocks.n)
        for (const k of blocks.k) {
          for (const mode of [OVERWRITE, ADD, BIAS]) {
            expectProduct(pair, { m, n, k, mode, transposedA: m % 2 === 0, transposedB: (n + k) % 2 === 0 });
          }
        }
  });

  it('writes its start where there is nothing to multiply', () => {
    for (const [m, n] of [
      [1, 1],
      [2, 1],
      [1, 9],
      [7, 9],
    ] as const) {
      for (const mode of [OVERWRITE, ADD, BIAS]) expectProduct(pair, { m, n, k: 0, mode });
    }
  });

  it('gives the reference product when one side is a vector', () => {
    fc.assert(
      fc.property(
        fc.record({
          m: size,
          n: size,
          k: size,
          mode: fc.constantFrom(OVERWRITE, ADD, BIAS),
          transposedA: fc.boolean(),
          transposedB: fc.boolean(),
        }),
        fc.constantFrom('m', 'n', 'k'),
        (p, one) => expectProduct(pair, { ...p, [one]: 1 }),
      ),
      { numRuns: 300 },
    );
  });

  it('reads operands of any strides beside a row-major one', () => {
    const [m, n, k] = [7, 11, 5];
    const strides = { rowMajor: [0, 1], spread: [40, 2], sameRow: [0, 1], sameColumn: [1, 0], overlapping: [2, 1] };
    for (const [name, odd] of Object.entries(strides)) {
      for (const side of ['a', 'b']) {
        if (name === 'rowMajor') odd[0] = side === 'a' ? k : n;
        pair.clear();
        const [aAt, bAt, cAt] = [
          pair.place(randomValues(300, 1)),
          pair.place(randomValues(300, 2)),
          pair.place(randomValues(m * n, 3)),
        ];
        const [sa, sb] = side === 'a' ? [odd, [n, 1]] : [[k, 1], odd];
        pair.expectSame(
          'gemm',
          [aAt, bAt, cAt, m, n, k, ...sa, ...sb, n, OVERWRITE, 0, 1],
          [{ address: cAt, size: m * n }],
          1e-5,
        );
      }
    }
  });

  it('reads a broadcast operand with stride zero', () => {
    pair.clear();
    const [m, n, k] = [7, 11, 5];
    const aAt = pair.place(randomValues(m, 1));
    const bAt = pair.place(randomValues(n, 2));
    const cAt = pair.place(randomValues(m * n, 3));
    const words = [aAt, bAt, cAt, m, n, k, 1, 0, 0, 1, n, OVERWRITE, 0, 1];
    pair.expectSame('gemm', words, [{ address: cAt, size: m * n }], 1e-5);
  });
});

it('gives the same bits at any address of the operands', () => {
  const pair = new KernelPair('relaxed');
  const bits = [0, 3].map((shift) => {
    pair.clear();
    pair.place(randomValues(shift, 9));
    const [m, n, k] = [23, 37, 41];
    const [aAt, bAt, cAt] = [
      pair.place(randomValues(m * k, 1)),
      pair.place(randomValues(k * n, 2)),
      pair.place(new Float32Array(m * n)),
    ];
    return pair.result('gemm', [aAt, bAt, cAt, m, n, k, k, 1, n, 1, n, OVERWRITE, 0, 1], { address: cAt, size: m * n });
  });
  expect(bits[0]).toEqual(bits[1]);
});
