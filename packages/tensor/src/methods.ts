/** Gives Tensor its operations as methods: each is a function of ops/ whose first parameter is the tensor. */
import { backward } from './autograd.ts';
import { elu, gelu, leakyRelu, relu, sigmoid, silu, softplus, tanh } from './ops/activation.ts';
import { add, div, maximum, minimum, mul, neg, pow, sub } from './ops/arithmetic.ts';
import { to } from './ops/cast.ts';
import { eq, ge, gt, le, lt, ne } from './ops/compare.ts';
import { diagonal } from './ops/diagonal.ts';
import { gather, indexSelect, scatterAdd } from './ops/gather.ts';
import { chunk, pad, split, unbind } from './ops/join.ts';
import { matmul } from './ops/matmul.ts';
import { abs, clamp, cos, erf, exp, log, log1p, rsqrt, sign, sin, sqrt } from './ops/math.ts';
import { argmax, argmin, cumsum, max, mean, min, norm, std, sum, variance } from './ops/reduce.ts';
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
  unsqueeze,
} from './ops/reshape.ts';
import { logSoftmax, logsumexp, softmax } from './ops/softmax.ts';
import { maskedFill } from './ops/where.ts';
import { Tensor } from './tensor.ts';

const methods = {
  abs,
  add,
  argmax,
  argmin,
  backward,
  chunk,
  clamp,
  clone,
  contiguous,
  cos,
  cumsum,
  detach,
  diagonal,
  div,
  elu,
  eq,
  erf,
  exp,
  expand,
  flatten,
  gather,
  ge,
  gelu,
  gt,
  indexSelect,
  le,
  leakyRelu,
  log,
  log1p,
  logSoftmax,
  logsumexp,
  lt,
  maskedFill,
  matmul,
  maximum,
  mean,
  minimum,
  mul,
  narrow,
  ne,
  neg,
  norm,
  pad,
  permute,
  pow,
  relu,
  reshape,
  rsqrt,
  scatterAdd,
  select,
  sigmoid,
  sign,
  silu,
  sin,
  slice,
  softmax,
  softplus,
  split,
  sqrt,
  squeeze,
  std,
  sub,
  sum,
  t,
  tanh,
  to,
  transpose,
  unbind,
  unsqueeze,
  var: variance,
};

type Method<F> = F extends (self: Tensor, ...rest: infer Rest) => infer Result ? (...rest: Rest) => Result : never;

/** The operations as methods: the functions of ops/ without their first parameter. */
export type TensorMethods = { [Name in keyof typeof methods]: Method<(typeof methods)[Name]> } & {
  max(): Tensor;
  max(dim: number, keepdim?: boolean): { values: Tensor; indices: Tensor };
  min(): Tensor;
  min(dim: number, keepdim?: boolean): { values: Tensor; indices: Tensor };
};

type Operation = (self: Tensor, a?: unknown, b?: unknown, c?: unknown, d?: unknown) => unknown;

for (const [name, operation] of Object.entries({ ...methods, max, min }) as [string, Operation][]) {
  Object.defineProperty(Tensor.prototype, name, {
    // Four named parameters instead of a rest array: no allocation on each call.
    value(this: Tensor, a?: unknown, b?: unknown, c?: unknown, d?: unknown) {
      return operation(this, a, b, c, d);
    },
  });
}
