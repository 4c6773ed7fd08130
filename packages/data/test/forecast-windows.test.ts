import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forecastWindows } from '../src/forecast-windows.ts';

describe('forecastWindows', () => {
  it('holds every window once: what is seen, and what follows it', () => {
    const numbers = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(numbers, numbers, numbers, (contextLength, horizon, count) => {
        const series = Array.from({ length: contextLength + horizon + count - 1 }, (_, t) => t);
        using windows = forecastWindows(series, { contextLength, horizon });
        expect(windows.length).toBe(count);
        for (let i = 0; i < count; i++) {
          const { x, y } = windows.batch([i]);
          expect([x.shape, y.shape]).toEqual([[1, contextLength, 1], [1, horizon]]); // prettier-ignore
          expect([...x.data(), ...y.data()]).toEqual(series.slice(i, i + contextLength + horizon));
        }
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    [3, { contextLength: 3 }],
    [9, { contextLength: 0 }],
    [9, { contextLength: 2.5 }],
    [9, { contextLength: 2, horizon: -1 }],
  ])('refuses a series of %i values with %o', (length, options) => {
    const windows = () => forecastWindows(new Float32Array(length), options);
    expect(windows).toThrow(expect.objectContaining({ code: 'ERR_DATA_OPTION' }));
  });
});
