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

/** One token by its logits. Equally probable ones stand in the order of their numbers. Throws GradwireError ERR_OPTION. */
export function chooseToken(
  logits: Float32Array | Float64Array,
  { temperature = 1, topK = Infinity, topP = 1, generator = defaultGenerator() }: SamplingOptions = {},
): number {
  if (!(temperature >= 0) || !(topK >= 1) || !(topP > 0 && topP <= 1)) {
    throw new GradwireError(
      'ERR_OPTION',
      `generate: temperature ${temperature} must be at least 0, topK ${topK} at least 1, topP ${topP} above 0 up to 1`,
    );
  }
  if (temperature === 0) return mostProbable(logits);
  const ranked = Array.from(logits, (_, token) => token).sort((a, b) => logits[b] - logits[a] || a - b);
  const most = logits[ranked[0]];
  const weights = ranked.map((token) => Math.exp((logits[token] - most) / temperature));
  const among = weights.slice(0, topK);
  const kept = reaching(among, topP * sum(among));
  let left = generator.uniform() * sum(among.slice(0, kept));
  for (let i = 0; i < kept - 1; i++) {
    left -= among[i];
    if (left < 0) return ranked[i];
  }
  return ranked[kept - 1];
}

function mostProbable(logits: Float32Array | Float64Array): number {
  let top = 0;
  for (let token = 1; token < logits.length; token++) if (logits[token] > logits[top]) top = token;
  return top;
}

/** How many of the weights, from the first on, reach a sum; all if none do. */
function reaching(weights: readonly number[], enough: number): number {
  let total = 0;
  const last = weights.findIndex((weight) => (total += weight) >= enough);
  return last < 0 ? weights.length : last + 1;
}

const sum = (weights: readonly number[]): number => weights.reduce((total, weight) => total + weight, 0);
