// One optimizer step over a flat run of parameters: the loop, and a kernel for each rule. Block: optim-lanes.ts.
import { narrow } from './optim-lanes';
import { adadeltaAt, adagradAt, lionAt, rmspropAt, rpropAt } from './optim-rules';
import { adamaxAt, adamAt, nadamAt, radamAt } from './optim-adam';
import { lambAt } from './optim-lamb';

const RMSPROP = 1, ADAGRAD = 2, ADADELTA = 3, LION = 4, ADAM = 5, ADAMAX = 6, NADAM = 7, RADAM = 8, LAMB = 9, RPROP = 10;

@inline function apply(rule: i32, whole: bool, p: usize, at: usize): void {
  if (rule == RMSPROP) rmspropAt(whole, p, at);
  if (rule == ADAGRAD) adagradAt(whole, p, at);
  if (rule == ADADELTA) adadeltaAt(whole, p, at);
  if (rule == LION) lionAt(whole, p, at);
  if (rule == ADAM) adamAt(whole, p, at);
  if (rule == ADAMAX) adamaxAt(whole, p, at);
  if (rule == NADAM) nadamAt(whole, p, at);
  if (rule == RADAM) radamAt(whole, p, at);
  if (rule == LAMB) lambAt(whole, p, at);
  if (rule == RPROP) rpropAt(whole, p, at);
}

@inline function run(rule: i32, p: usize): void {
  narrow(p);
  const end = <usize>load<i32>(p, 20) << 2;
  let at: usize = 0;
  for (; at + 16 <= end; at += 16) apply(rule, true, p, at);
  for (; at < end; at += 4) apply(rule, false, p, at);
}

export function rmsprop(p: usize): void { run(RMSPROP, p); }
export function adagrad(p: usize): void { run(ADAGRAD, p); }
export function adadelta(p: usize): void { run(ADADELTA, p); }
export function lion(p: usize): void { run(LION, p); }
export function adam(p: usize): void { run(ADAM, p); }
export function adamax(p: usize): void { run(ADAMAX, p); }
export function nadam(p: usize): void { run(NADAM, p); }
export function radam(p: usize): void { run(RADAM, p); }
export function lamb(p: usize): void { run(LAMB, p); }
export function rprop(p: usize): void { run(RPROP, p); }
export { lambMoments } from './optim-lamb';
export { sgd } from './optim-sgd';
