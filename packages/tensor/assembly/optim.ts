// One optimizer step over a flat run of parameters. Strict arithmetic in a fixed order: replicas stay equal bit for bit.
import { real } from './strided';

/**
 * SGD with momentum (Sutskever et al. 2013, in PyTorch's form). Words: 0 parameter, 1 gradient, 2 momentum buffer or 0,
 * 3 n, 4 first step of the buffer, 5 nesterov; doubles: lr, momentum, 1 − dampening, weightDecay.
 */
export function sgd(p: usize): void {
  let w = <usize>load<u32>(p), grad = <usize>load<u32>(p, 4), buffer = <usize>load<u32>(p, 8);
  const n = load<i32>(p, 12);
  const first = load<i32>(p, 16) != 0, nesterov = load<i32>(p, 20) != 0, hasBuffer = buffer != 0;
  const lr = f32x4.splat(<f32>real(p, 0)), momentum = f32x4.splat(<f32>real(p, 1));
  const fresh = f32x4.splat(<f32>real(p, 2)), decay = f32x4.splat(<f32>real(p, 3));
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const x = v128.load(w);
    let g = f32x4.add(v128.load(grad), f32x4.mul(decay, x));
    if (hasBuffer) {
      const b = first ? g : f32x4.add(f32x4.mul(momentum, v128.load(buffer)), f32x4.mul(fresh, g));
      v128.store(buffer, b);
      g = nesterov ? f32x4.add(g, f32x4.mul(momentum, b)) : b;
      buffer += 16;
    }
    v128.store(w, f32x4.sub(x, f32x4.mul(lr, g)));
    w += 16;
    grad += 16;
  }
  for (; i < n; i++) {
    const x = load<f32>(w);
    let g = load<f32>(grad) + <f32>real(p, 3) * x;
    if (hasBuffer) {
      const b = first ? g : <f32>real(p, 1) * load<f32>(buffer) + <f32>real(p, 2) * g;
      store<f32>(buffer, b);
      g = nesterov ? g + <f32>real(p, 1) * b : b;
      buffer += 4;
    }
    store<f32>(w, x - <f32>real(p, 0) * g);
    w += 4;
    grad += 4;
  }
}

/**
 * Adam (Kingma & Ba 2015) and AdamW (Loshchilov & Hutter 2019). Words: 0 parameter, 1 gradient, 2 m, 3 v, 4 max v or 0
 * (amsgrad), 5 n. Doubles: 0 lr/(1 − β1ᵗ), 1 β1, 2 β2, 3 √(1 − β2ᵗ), 4 ε, 5 L2 decay, 6 1 − lr·decoupled decay,
 * 7 1 − β1, 8 1 − β2.
 */
export function adam(p: usize): void {
  let w = <usize>load<u32>(p), grad = <usize>load<u32>(p, 4), m = <usize>load<u32>(p, 8), v = <usize>load<u32>(p, 12);
  let most = <usize>load<u32>(p, 16);
  const n = load<i32>(p, 20);
  const amsgrad = most != 0;
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const x = f32x4.mul(v128.load(w), f32x4.splat(<f32>real(p, 6)));
    const g = f32x4.add(v128.load(grad), f32x4.mul(f32x4.splat(<f32>real(p, 5)), v128.load(w)));
    const m1 = f32x4.add(f32x4.mul(f32x4.splat(<f32>real(p, 1)), v128.load(m)), f32x4.mul(f32x4.splat(<f32>real(p, 7)), g));
    const v1 = f32x4.add(f32x4.mul(f32x4.splat(<f32>real(p, 2)), v128.load(v)), f32x4.mul(f32x4.splat(<f32>real(p, 8)), f32x4.mul(g, g)));
    v128.store(m, m1);
    v128.store(v, v1);
    let largest = v1;
    if (amsgrad) {
      largest = f32x4.max(v128.load(most), v1);
      v128.store(most, largest);
      most += 16;
    }
    const root = f32x4.add(f32x4.div(f32x4.sqrt(largest), f32x4.splat(<f32>real(p, 3))), f32x4.splat(<f32>real(p, 4)));
    v128.store(w, f32x4.sub(x, f32x4.div(f32x4.mul(f32x4.splat(<f32>real(p, 0)), m1), root)));
    w += 16;
    grad += 16;
    m += 16;
    v += 16;
  }
  for (; i < n; i++) {
    const x = load<f32>(w) * <f32>real(p, 6);
    const g = load<f32>(grad) + <f32>real(p, 5) * load<f32>(w);
    const m1 = <f32>real(p, 1) * load<f32>(m) + <f32>real(p, 7) * g;
    const v1 = <f32>real(p, 2) * load<f32>(v) + <f32>real(p, 8) * (g * g);
    store<f32>(m, m1);
    store<f32>(v, v1);
    let largest = v1;
    if (amsgrad) {
      largest = max(load<f32>(most), v1);
      store<f32>(most, largest);
      most += 4;
    }
    store<f32>(w, x - (<f32>real(p, 0) * m1) / (sqrt<f32>(largest) / <f32>real(p, 3) + <f32>real(p, 4)));
    w += 4;
    grad += 4;
    m += 4;
    v += 4;
  }
}
