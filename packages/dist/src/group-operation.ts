import { fingerprintOf, type FrameDType, type FrameHeader, type OperationName } from './wire/tensor-frame.ts';

/** What all ranks of an operation must agree on. */
export interface OperationDescription {
  op: OperationName;
  dtype: FrameDType;
  /** Elements of the whole buffer. */
  length: number;
  root?: number;
  /** Training step and gradient bucket, if it belongs to one: for messages to people and against mix-ups. */
  step?: number;
  bucket?: number;
}

/** One collective, or one message between two ranks, under way. */
export class Operation {
  readonly description: OperationDescription;
  readonly sequence: number;
  readonly fingerprint: number;

  constructor(description: OperationDescription, sequence: number) {
    const { op, dtype, length, root, step, bucket } = description;
    this.description = description;
    this.sequence = sequence;
    const isCollective = op !== 'point-to-point'; // the two ends of a message need only agree on its size
    this.fingerprint = isCollective ? fingerprintOf([op, dtype, length, root ?? '', step ?? '', bucket ?? '']) : 0;
  }

  toString(): string {
    const { op, dtype, length, root, step, bucket } = this.description;
    if (op === 'point-to-point') return `message with tag ${this.sequence} (${length} bytes)`;
    const details = [`${dtype} × ${length}`];
    if (root !== undefined) details.push(`root ${root}`);
    if (step !== undefined) details.push(`step ${step}`);
    if (bucket !== undefined) details.push(`bucket ${bucket}`);
    return `${op} #${this.sequence} (${details.join(', ')})`;
  }
}

/** The other side's view of an operation, as far as its frames tell. */
export function describeFrame({ op, sequence, dtype, total, round, step, bucket }: FrameHeader): string {
  if (op === 'point-to-point') return `a message with tag ${sequence} of ${total} bytes`;
  return `${op} #${sequence} (${dtype}, ${total} bytes in round ${round}, step ${step}, bucket ${bucket})`;
}
