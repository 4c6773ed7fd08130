import { GradwireError } from '@gradwire/tensor';

/** The gradients of a step were on their way when another backward changed them. */
export class BackwardTwiceError extends GradwireError {
  constructor() {
    super(
      'ERR_BACKWARD_TWICE',
      'data parallel: a second backward in one step; add the losses up and call backward once, or put all but the last into noSync; then finish()',
    );
  }
}
