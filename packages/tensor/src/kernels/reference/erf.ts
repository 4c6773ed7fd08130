/** The error function in double precision: a series without cancellation near 0, a continued fraction far from it. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (Number.isNaN(x)) return NaN;
  if (size > 6) return Math.sign(x);
  return Math.sign(x) * (size < 2.5 ? series(size) : 1 - complement(size));
}

/** 2/√π · e^(−x²) · Σ 2ⁿx²ⁿ⁺¹/(2n+1)!!  (DLMF 7.6.2) */
function series(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** e^(−x²)/√π · 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …))))  (DLMF 7.9.1) */
function complement(x: number): number {
  let fraction = x;
  for (let k = 60; k >= 1; k--) fraction = x + k / 2 / fraction;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
}
