/** Euclidean norm, mean and standard deviation (of the population), summed in float64. NaN for no values, save the norm. */
export function tensorStatistics(values: ArrayLike<number>): { norm: number; mean: number; std: number } {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i]!;
    squares += values[i]! ** 2;
  }
  const mean = sum / values.length;
  let deviations = 0; // in a second pass: squares − n·mean² would lose the digits when the mean is large
  for (let i = 0; i < values.length; i++) deviations += (values[i]! - mean) ** 2;
  return { norm: Math.sqrt(squares), mean, std: Math.sqrt(deviations / values.length) };
}
