/** In-place optimizer steps on ranges of flat buffers. */
import { block, openBlock, reals } from '../kernels/block.ts';
import { kernelsFor } from '../kernels/dispatch.ts';
import type { Tensor } from '../tensor.ts';

/** A range of flat buffers of one length: elements start … end − 1. */
interface Range {
  readonly start: number;
  readonly end: number;
}

export interface SgdUpdate extends Range {
  readonly lr: number;
  readonly momentum: number;
  readonly dampening: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
  /** Whether this is the first step of the momentum buffer, which then takes the gradient as it is. */
  readonly first: boolean;
}

/** One step of SGD. buffer: the momentum, or null without momentum. */
export function sgdUpdate(parameter: Tensor, grad: Tensor, buffer: Tensor | null, update: SgdUpdate): void {
  const kernels = kernelsFor(parameter.dtype);
  const words = openBlock();
  const offset = update.start * bytesOf(parameter);
  words[0] = parameter.address + offset;
  words[1] = grad.address + offset;
  words[2] = buffer ? buffer.address + offset : 0;
  words[3] = update.end - update.start;
  words[4] = Number(update.first);
  words[5] = Number(update.nesterov);
  reals[0] = update.lr;
  reals[1] = update.momentum;
  reals[2] = 1 - update.dampening;
  reals[3] = update.weightDecay;
  kernels.sgd(block);
}

export interface AdamUpdate extends Range {
  readonly lr: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
  /** Added to the gradient (Adam) or, if `decoupled`, taken off the parameter (AdamW). */
  readonly weightDecay: number;
  readonly decoupled: boolean;
  /** Which step this is, from 1. */
  readonly step: number;
}

/** One step of Adam. mean and square: first and second moments; most: the largest second moment so far (amsgrad) or null. */
export function adamUpdate(
  parameter: Tensor,
  grad: Tensor,
  mean: Tensor,
  square: Tensor,
  most: Tensor | null,
  update: AdamUpdate,
): void {
  const kernels = kernelsFor(parameter.dtype);
  const words = openBlock();
  const offset = update.start * bytesOf(parameter);
  const { lr, betas, eps, weightDecay, decoupled, step } = update;
  words[0] = parameter.address + offset;
  words[1] = grad.address + offset;
  words[2] = mean.address + offset;
  words[3] = square.address + offset;
  words[4] = most ? most.address + offset : 0;
  words[5] = update.end - update.start;
  reals[0] = lr / (1 - betas[0] ** step);
  reals[1] = betas[0];
  reals[2] = betas[1];
  reals[3] = Math.sqrt(1 - betas[1] ** step);
  reals[4] = eps;
  reals[5] = decoupled ? 0 : weightDecay;
  reals[6] = decoupled ? 1 - lr * weightDecay : 1;
  reals[7] = 1 - betas[0];
  reals[8] = 1 - betas[1];
  kernels.adam(block);
}

function bytesOf({ dtype }: Tensor): number {
  return dtype === 'float64' ? 8 : 4;
}
