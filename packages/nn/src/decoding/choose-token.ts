import { defaultGenerator, GradwireError, type Generator } from '@gradwire/tensor';

export interface SamplingOptions {
  /** Divides the logits: below 1 sharpens, above 1 flattens the distribution; 0 takes the most probable token. 1. */
  readonly temperature?: number;
  /** Only the most probable tokens, this many (Fan et al. 2018); all. */
  readonly topK?: number;
  /** Only the most probable tokens that together reach this probability (Holtzman et al. 2020); 1 for all. */
  readonly topP?: number;
  /** Where chance comes from; the default generator. */
  readonly generator?: Generator;
}

type Logits = Float32Array | Float64Array;

/** One token by its logits. Of equally probable ones at the limit of topK or topP, the first stay. Throws GradwireError ERR_OPTION. */
export function chooseToken(
  logits: Logits,
  { temperature = 1, topK = Infinity, topP = 1, generator = defaultGenerator() }: SamplingOptions = {},
): number {
  if (!(temperature >= 0) || !(topK >= 1) || !(topP > 0 && topP <= 1)) {
    throw new GradwireError(
      'ERR_OPTION',
      `generate: temperature ${temperature} must be at least 0, topK ${topK} at least 1, topP ${topP} above 0 up to 1`,
    );
  }
  const top = mostProbable(logits);
  if (temperature === 0) return top;
  const weights = weightsOf(logits, logits[top], temperature);
  if (topK < logits.length || topP < 1) dropRare(weights, topK, topP);
  return draw(weights, generator.uniform() * sum(weights));
}

function weightsOf(logits: Logits, most: number, temperature: number): Float64Array {
  const weights = new Float64Array(logits.length);
  for (let token = 0; token < weights.length; token++) weights[token] = Math.exp((logits[token] - most) / temperature);
  return weights;
}

/** The token at which the weights, added up, pass a number below their sum. */
function draw(weights: Float64Array, place: number): number {
  let left = place;
  let last = 0;
  for (let token = 0; token < weights.length && left >= 0; token++) {
    if (weights[token] === 0) continue;
    left -= weights[token];
    last = token;
  }
  return last;
}

/** Sets all weights to 0 but the topK largest, and of those all but the largest that together reach the part topP. */
function dropRare(weights: Float64Array, topK: number, topP: number): void {
  const ranked = weights.slice().sort().reverse().subarray(0, topK);
  const kept = reaching(ranked, topP * sum(ranked));
  const least = ranked[kept - 1];
  let equals = ranked.subarray(0, kept).reduce((count, weight) => count + Number(weight === least), 0);
  for (let token = 0; token < weights.length; token++) {
    if (weights[token] < least || (weights[token] === least && equals-- <= 0)) weights[token] = 0;
  }
}

function mostProbable(logits: Logits): number {
  let top = 0;
  for (let token = 1; token < logits.length; token++) if (logits[token] > logits[top]) top = token;
  return top;
}

/** How many of the weights, from the first on, reach a sum; all if none do. */
function reaching(weights: Float64Array, enough: number): number {
  let total = 0;
  const last = weights.findIndex((weight) => (total += weight) >= enough);
  return last < 0 ? weights.length : last + 1;
}

const sum = (weights: Float64Array): number => weights.reduce((total, weight) => total + weight, 0);
