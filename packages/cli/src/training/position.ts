/** Where a run stands: all of it follows from the number of steps done. */
export interface Position {
  /** Steps done in the whole run. */
  readonly step: number;
  /** The epoch that the next step belongs to, from 0. */
  readonly epoch: number;
  /** Steps done of that epoch. */
  readonly stepInEpoch: number;
}

export function positionAfter(step: number, stepsPerEpoch: number): Position {
  return { step, epoch: Math.floor(step / stepsPerEpoch), stepInEpoch: step % stepsPerEpoch };
}
