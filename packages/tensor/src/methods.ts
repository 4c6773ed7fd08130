/** Gives Tensor its operations as methods: each is a function of ops/ whose first parameter is the tensor. */
import {
  elu,
  gelu,
  glu,
  hardsigmoid,
  hardswish,
  hardtanh,
  leakyRelu,
  logSigmoid,
  mish,
  prelu,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softplus,
  softsign,
  tanh,
} from './ops/activation.ts';
import { backward } from './autograd/backward.ts';
import { registerHook, retainGrad } from './autograd/hooks.ts';
import { add, div, maximum, minimum, mul, neg, pow, remainder, sub } from './ops/arithmetic.ts';
import { to } from './ops/cast.ts';
import { eq, ge, gt, le, lt, ne } from './ops/compare.ts';
import { diagonal } from './ops/diagonal.ts';
import { cumprod, cumsum, prod } from './ops/cumulative.ts';
import { amax, amin, argmax, argmin, max, min } from './ops/extreme.ts';
import { gather, indexSelect, scatter, scatterAdd } from './ops/gather.ts';
import { chunk, split, unbind } from './ops/join.ts';
import { pad } from './ops/pad.ts';
import { all, any, isfinite, isnan, logicalAnd, logicalNot, logicalOr, logicalXor } from './ops/logic.ts';
import { addmm, bmm, dot, matmul, outer } from './ops/matmul.ts';
import {
  abs,
  ceil,
  clamp,
  cos,
  erf,
  exp,
  floor,
  log,
  log1p,
  round,
  rsqrt,
  sign,
  sin,
  sqrt,
  trunc,
} from './ops/math.ts';
import { add_, clamp_, copy_, div_, fill_, mul_, relu_, sub_, zero_ } from './ops/in-place.ts';
import { multinomial } from './ops/multinomial.ts';
import { flip, repeat, repeatInterleave, roll } from './ops/rearrange.ts';
import { mean, norm, std, sum, variance } from './ops/reduce.ts';
import {
  clone,
  contiguous,
  detach,
  expand,
  flatten,
  narrow,
  permute,
  reshape,
  select,
  slice,
  squeeze,
  t,
  transpose,
  unflatten,
  unsqueeze,
} from './ops/reshape.ts';
import { logSoftmax, logsumexp, softmax } from './ops/softmax.ts';
import { argsort, median, sort, topk } from './ops/sort.ts';
import { tril, triu } from './ops/triangle.ts';
import { maskedFill } from './ops/where.ts';
import { unfold } from './ops/windows.ts';
import { Tensor } from './tensor.ts';

const methods = {
  abs,
  add,
  add_,
  addmm,
  all,
  amax,
  amin,
  any,
  argmax,
  argmin,
  argsort,
  backward,
  bmm,
  ceil,
  chunk,
  clamp,
  clamp_,
  clone,
  contiguous,
  copy_,
  cos,
  cumprod,
  cumsum,
  detach,
  diagonal,
  div,
  div_,
  dot,
  elu,
  eq,
  erf,
  exp,
  expand,
  fill_,
  flatten,
  flip,
  floor,
  gather,
  ge,
  gelu,
  glu,
  gt,
  hardsigmoid,
  hardswish,
  hardtanh,
  indexSelect,
  isfinite,
  isnan,
  le,
  leakyRelu,
  log,
  log1p,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  logSigmoid,
  logSoftmax,
  logsumexp,
  lt,
  maskedFill,
  matmul,
  maximum,
  mean,
  minimum,
  mish,
  mul,
  mul_,
  multinomial,
  narrow,
  ne,
  neg,
  norm,
  outer,
  pad,
  permute,
  pow,
  prelu,
  prod,
  relu,
  relu_,
  relu6,
  remainder,
  repeat,
  repeatInterleave,
  registerHook,
  reshape,
  retainGrad,
  roll,
  round,
  rsqrt,
  scatter,
  scatterAdd,
  select,
  selu,
  sigmoid,
  sign,
  silu,
  sin,
  slice,
  softmax,
  softplus,
  softsign,
  sort,
  split,
  sqrt,
  squeeze,
  std,
  sub,
  sub_,
  sum,
  t,
  tanh,
  to,
  topk,
  transpose,
  tril,
  triu,
  trunc,
  unbind,
  unflatten,
  unfold,
  unsqueeze,
  var: variance,
  zero_,
};

type Method<F> = F extends (self: Tensor, ...rest: infer Rest) => infer Result ? (...rest: Rest) => Result : never;

/** The operations as methods: the functions of ops/ without their first parameter. */
export type TensorMethods = { [Name in keyof typeof methods]: Method<(typeof methods)[Name]> } & {
  max(): Tensor;
  max(dim: number, keepdim?: boolean): { values: Tensor; indices: Tensor };
  min(): Tensor;
  min(dim: number, keepdim?: boolean): { values: Tensor; indices: Tensor };
  median(): Tensor;
  median(dim: number, keepdim?: boolean): { values: Tensor; indices: Tensor };
};

type Operation = (self: Tensor, a?: unknown, b?: unknown, c?: unknown, d?: unknown) => unknown;

for (const [name, operation] of Object.entries({ ...methods, max, median, min }) as [string, Operation][]) {
  Object.defineProperty(Tensor.prototype, name, {
    // Four named parameters instead of a rest array: no allocation on each call.
    value(this: Tensor, a?: unknown, b?: unknown, c?: unknown, d?: unknown) {
      return operation(this, a, b, c, d);
    },
  });
}
