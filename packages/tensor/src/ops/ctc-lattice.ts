/**
 * The forward-backward algorithm of connectionist temporal classification (Graves et al. 2006, §4.1) for one sequence, in
 * logarithms. The states are the labels with a blank before, between and after them; from one time step to the next an
 * alignment stays in its state, goes to the next, or leaves out a blank between different labels.
 */

/** One sequence: log-probabilities [steps, classes], one row each `stride` numbers from `start` on, and its labels. */
export interface Sequence {
  readonly logp: Float64Array;
  readonly start: number;
  readonly stride: number;
  readonly steps: number;
  readonly labels: ArrayLike<number>;
  readonly blank: number;
}

/** ln of the probability that the alignments of the first steps end in a state: [steps, states]; and that of all of them. */
export interface Lattice {
  readonly alpha: Float64Array;
  readonly logTotal: number;
}

/** What is behind a state: its class, and whether an alignment may come to it past the blank before it. */
interface State {
  readonly label: number;
  readonly skips: boolean;
}

function statesOf({ labels, blank }: Sequence): State[] {
  return Array.from({ length: 2 * labels.length + 1 }, (_, s) => {
    if (s % 2 === 0) return { label: blank, skips: false };
    const at = (s - 1) / 2;
    return { label: labels[at], skips: at > 0 && labels[at] !== labels[at - 1] };
  });
}

/** ln(eᵃ + eᵇ). */
function logAdd(a: number, b: number): number {
  const [high, low] = a > b ? [a, b] : [b, a];
  return low === -Infinity ? high : high + Math.log1p(Math.exp(low - high));
}

/** The forward pass. */
export function alignments(sequence: Sequence): Lattice {
  const { logp, start, stride, steps } = sequence;
  const states = statesOf(sequence);
  const count = states.length;
  const alpha = new Float64Array(steps * count).fill(-Infinity);
  if (steps === 0) return { alpha, logTotal: count === 1 ? 0 : -Infinity };
  for (let t = 0; t < steps; t++) {
    const [row, before, now] = [start + t * stride, (t - 1) * count, t * count];
    for (let s = 0; s < count; s++) {
      let sum = t === 0 ? (s < 2 ? 0 : -Infinity) : alpha[before + s];
      if (t > 0 && s > 0) sum = logAdd(sum, alpha[before + s - 1]);
      if (t > 0 && states[s].skips) sum = logAdd(sum, alpha[before + s - 2]);
      alpha[now + s] = sum + logp[row + states[s].label];
    }
  }
  const last = steps * count - 1;
  return { alpha, logTotal: count === 1 ? alpha[last] : logAdd(alpha[last], alpha[last - 1]) };
}

/**
 * The backward pass: calls `visit` with each place of logp that an alignment passes and ln of the share of all alignments
 * that pass it in one state. A place may be visited for several states.
 */
export function occupancies(
  sequence: Sequence,
  { alpha, logTotal }: Lattice,
  visit: (place: number, logShare: number) => void,
): void {
  const { logp, start, stride, steps } = sequence;
  const states = statesOf(sequence);
  const count = states.length;
  let after = new Float64Array(count); // ln of the probability of the steps that follow, by the state now
  let now = new Float64Array(count);
  for (let t = steps - 1; t >= 0; t--) {
    const next = start + (t + 1) * stride;
    for (let s = 0; s < count; s++) {
      let sum = t === steps - 1 ? (s >= count - 2 ? 0 : -Infinity) : -Infinity;
      for (let to = s; t < steps - 1 && to < Math.min(s + 3, count); to++) {
        if (to < s + 2 || states[to].skips) sum = logAdd(sum, after[to] + logp[next + states[to].label]);
      }
      now[s] = sum;
      visit(start + t * stride + states[s].label, alpha[t * count + s] + sum - logTotal);
    }
    [after, now] = [now, after];
  }
}
