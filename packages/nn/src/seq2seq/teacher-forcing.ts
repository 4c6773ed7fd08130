import { defaultGenerator, GradwireError, type Generator } from '@gradwire/tensor';

export interface TeacherForcingOptions {
  /**
   * The probability that a decoder's input is the target's token, and not the one that it found most probable itself
   * (Williams & Zipser 1989; Bengio et al. 2015): 1 by default, 0 for none of them.
   */
  readonly teacherForcing?: number;
  /** Whether chance decides for each step of a batch anew, or once for all of them: 'step' by default. */
  readonly forcingPer?: 'step' | 'batch';
  /** Where chance comes from; the default generator, which in a run belongs to the shard. */
  readonly generator?: Generator;
}

/**
 * The stretches [from, to) of T steps that can be computed at once: each begins with a token of the decoder itself, but for
 * the first one, and the others are the target's. Draws nothing for a probability of 0 or 1.
 * Throws GradwireError ERR_OPTION.
 */
export function forcedStretches(
  T: number,
  { teacherForcing = 1, forcingPer = 'step', generator = defaultGenerator() }: TeacherForcingOptions,
): [from: number, to: number][] {
  if (!(teacherForcing >= 0 && teacherForcing <= 1) || !['step', 'batch'].includes(forcingPer)) {
    throw new GradwireError(
      'ERR_OPTION',
      `Seq2Seq: teacherForcing must be from 0 to 1 and forcingPer 'step' or 'batch', got ${teacherForcing} and '${forcingPer}'`,
    );
  }
  const isCertain = teacherForcing === 0 || teacherForcing === 1;
  const draw = (): boolean => (isCertain ? teacherForcing === 1 : generator.uniform() < teacherForcing);
  const whole = forcingPer === 'batch' && draw();
  const starts = [0];
  for (let t = 1; t < T; t++) {
    if (!(forcingPer === 'batch' ? whole : draw())) starts.push(t);
  }
  return starts.map((from, i) => [from, starts[i + 1] ?? T]);
}
