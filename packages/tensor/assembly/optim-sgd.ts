/**
 * SGD with momentum (Sutskever et al. 2013, in PyTorch's form). Block: optim-lanes.ts. Word 2: momentum buffer; flags 6 first
 * step of the buffer, 7 nesterov; doubles 2 lr, 3 momentum, 4 1 − dampening.
 * With so few operations an element, the rule's numbers must stay in registers, and its usual form have a loop without branches.
 */
import { blend, flag, get, narrow, number, put } from './optim-lanes';
import { address, real } from './strided';

export function sgd(p: usize): void {
  narrow(p);
  const isPlain = real(p, 0) == 1 && real(p, 1) == 0;
  if (isPlain && address(p, 2) != 0 && !flag(p, 6) && !flag(p, 7)) update(p, true);
  else update(p, false);
}

/** isUsual: momentum and nothing else, after the first step. Inlined, so that each value gives a loop of its own. */
@inline function update(p: usize, isUsual: bool): void {
  const w = address(p, 0), gradient = address(p, 1), buffer = address(p, 2);
  const end = <usize>load<i32>(p, 20) << 2;
  const factor = number(p, 0), decay = number(p, 1), lr = number(p, 2), momentum = number(p, 3), fresh = number(p, 4);
  const isFirst = flag(p, 6), nesterov = flag(p, 7);
  let at: usize = 0;
  for (; at + 16 <= end; at += 16) {
    if (isUsual) move(true, w + at, buffer + at, get(true, gradient + at), lr, momentum, fresh);
    else step(true, w + at, gradient + at, buffer, at, factor, decay, lr, momentum, fresh, isFirst, nesterov);
  }
  for (; at < end; at += 4) {
    if (isUsual) move(false, w + at, buffer + at, get(false, gradient + at), lr, momentum, fresh);
    else step(false, w + at, gradient + at, buffer, at, factor, decay, lr, momentum, fresh, isFirst, nesterov);
  }
}

@inline function move(whole: bool, w: usize, buffer: usize, g: v128, lr: v128, momentum: v128, fresh: v128): void {
  const b = blend(momentum, get(whole, buffer), fresh, g);
  put(whole, buffer, b);
  put(whole, w, f32x4.sub(get(whole, w), f32x4.mul(lr, b)));
}

@inline function step(
  whole: bool, w: usize, gradient: usize, buffer: usize, at: usize,
  factor: v128, decay: v128, lr: v128, momentum: v128, fresh: v128, isFirst: bool, nesterov: bool,
): void {
  const x = get(whole, w);
  let g = f32x4.add(f32x4.mul(factor, get(whole, gradient)), f32x4.mul(decay, x));
  if (buffer != 0) {
    const b = isFirst ? g : blend(momentum, get(whole, buffer + at), fresh, g);
    put(whole, buffer + at, b);
    g = nesterov ? f32x4.add(g, f32x4.mul(momentum, b)) : b;
  }
  put(whole, w, f32x4.sub(x, f32x4.mul(lr, g)));
}
