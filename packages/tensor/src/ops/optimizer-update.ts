/** In-place optimizer steps on ranges of flat buffers. */
import { shiftOf } from '../dtype.ts';
import { block, openBlock, reals } from '../kernels/block.ts';
import { kernelsFor, type KernelName } from '../kernels/dispatch.ts';
import type { Tensor } from '../tensor.ts';
import { bordersAt, sumsAt, type FlatPieces } from './square-sums.ts';

/** The kernels of assembly/optim.ts, which say what they compute. */
export type OptimizerRule = Extract<
  KernelName,
  'sgd' | 'rmsprop' | 'adagrad' | 'adadelta' | 'lion' | 'adam' | 'adamax' | 'nadam' | 'radam' | 'lamb' | 'rprop'
>;

/** Elements start … end − 1 of flat buffers of one length and dtype. */
export interface OptimizerUpdate {
  readonly parameter: Tensor;
  readonly grad: Tensor;
  /** Buffers of state in the rule's order, at most three; null for one that the variant at hand does without. */
  readonly state: readonly (Tensor | null)[];
  readonly start: number;
  readonly end: number;
  readonly maximize: boolean;
  /** Factor of the parameter that is added to its gradient (L2 penalty). */
  readonly l2: number;
  /** The rule's own numbers, doubles 2 … of its block. */
  readonly numbers: readonly number[];
  readonly flags?: readonly boolean[];
}

/** Runs a rule once over the range. */
export function optimizerUpdate(rule: OptimizerRule, update: OptimizerUpdate): void {
  const kernels = kernelsFor(update.parameter.dtype);
  bindUpdate(update);
  kernels[rule](block);
}

/** A first pass of LAMB over pieces instead of a range: numbers are those of its rule. */
export type LambMoments = Omit<OptimizerUpdate, 'start' | 'end' | 'flags'> & {
  readonly pieces: FlatPieces;
  /** Sums of squares of each piece, of the parameters and of the directions, [pieces], float64. */
  readonly sums: readonly [Tensor, Tensor];
};

/** Moves both moments over the pieces, and sums up the squares that the trust ratio is made of. */
export function lambMoments({ pieces, sums, ...update }: LambMoments): void {
  const kernels = kernelsFor(update.parameter.dtype);
  const words = bindUpdate({ ...update, start: 0, end: 0 });
  words[4] = bordersAt(pieces);
  words[5] = pieces.to - pieces.from;
  words[6] = sumsAt(sums[0], pieces);
  words[7] = sumsAt(sums[1], pieces);
  kernels.lambMoments(block);
}

function bindUpdate(update: OptimizerUpdate): Uint32Array {
  const { parameter, grad, state, start, end, maximize, l2, numbers, flags = [] } = update;
  const words = openBlock();
  const offset = start * 2 ** shiftOf(parameter.dtype);
  words[0] = parameter.address + offset;
  words[1] = grad.address + offset;
  for (let i = 0; i < 3; i++) {
    const buffer = state[i];
    words[2 + i] = buffer ? buffer.address + offset : 0;
  }
  words[5] = end - start;
  words[6] = Number(flags[0] ?? false);
  words[7] = Number(flags[1] ?? false);
  reals.fill(0);
  reals[0] = maximize ? -1 : 1;
  reals[1] = l2;
  reals.set(numbers, 2);
  return words;
}
