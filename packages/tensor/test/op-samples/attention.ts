import { tensor } from '../../src/create.ts';
import { attentionWeights } from '../../src/ops/attention-weights.ts';
import { scaledDotProductAttention, selfAttention } from '../../src/ops/attention.ts';
import { rotary } from '../../src/ops/rotary.ts';
import { Generator } from '../../src/random/generator.ts';
import type { Tensor } from '../../src/tensor.ts';
import type { OpSample } from './sample.ts';

const shapes = (...all: number[][]): OpSample['inputs'] => all.map((shape) => ({ shape }));
const three = shapes([2, 5, 3], [2, 6, 3], [2, 6, 2]);
const mask = tensor([[1, 1, 0, 1, 0, 1], [1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0], [0, 1, 0, 1, 0, 1]], { dtype: 'bool' }); // prettier-ignore

/** cos and sin of angles that grow with the place. */
function angles(shape: number[]): [cos: Tensor, sin: Tensor] {
  const angle = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => 0.7 * i - 1);
  const table = (wave: (x: number) => number): Tensor => tensor(angle.map(wave), { dtype: 'float64' }).reshape(shape);
  return [table(Math.cos), table(Math.sin)];
}

function turned(x: Tensor, shape: number[], interleaved: boolean): Tensor {
  const [cos, sin] = angles(shape);
  return rotary(x, cos.to(x.dtype), sin.to(x.dtype), { interleaved });
}

/** Attention, its weights, that of packed heads, and rotary positions. */
export const attentionSamples: readonly OpSample[] = [
  {
    op: 'scaledDotProductAttention',
    title: 'batches',
    inputs: three,
    run: (q, k, v) => scaledDotProductAttention(q, k, v),
  },
  {
    op: 'scaledDotProductAttention',
    title: 'a causal mask and a scale',
    inputs: three,
    run: (q, k, v) => scaledDotProductAttention(q, k, v, { isCausal: true, scale: 0.7 }),
  },
  {
    op: 'scaledDotProductAttention',
    title: 'a mask with a query that sees nothing',
    inputs: three,
    run: (q, k, v) => scaledDotProductAttention(q, k, v, { attnMask: mask }),
  },
  {
    op: 'scaledDotProductAttention',
    title: 'numbers added to the scores, some of them infinite, over permuted heads',
    inputs: shapes([2, 4, 3, 2], [2, 5, 3, 2], [3, 5, 2, 2]),
    run: (q, k, v) =>
      scaledDotProductAttention(q.transpose(1, 2), k.transpose(1, 2), v.permute([2, 0, 1, 3]), {
        attnMask: tensor([[[[0.5, -1, 2, -Infinity, 0]]], [[[0, 0, -Infinity, 1, 1]]]], { dtype: q.dtype }),
      }),
  },
  {
    op: 'scaledDotProductAttention',
    title: 'a learned mask',
    inputs: [...three, { shape: [5, 6] }],
    run: (q, k, v, attnMask) => scaledDotProductAttention(q, k, v, { attnMask: attnMask! }),
  },
  {
    op: 'scaledDotProductAttention',
    title: 'more than one tile',
    inputs: shapes([66, 1], [67, 1], [67, 1]),
    run: (q, k, v) => scaledDotProductAttention(q, k, v, { isCausal: true }),
  },
  {
    op: 'scaledDotProductAttention',
    title: 'grouped heads and strided rows',
    inputs: shapes([2, 4, 3, 2], [2, 2, 2, 4], [2, 2, 4, 3]),
    run: (q, k, v) => scaledDotProductAttention(q, k.transpose(-1, -2), v, { enableGqa: true }),
  },
  {
    op: 'scaledDotProductAttention',
    title: 'grouped heads of one sequence',
    inputs: shapes([4, 3, 2], [2, 5, 2], [2, 5, 3]),
    run: (q, k, v) => scaledDotProductAttention(q, k, v, { enableGqa: true }),
  },
  {
    op: 'scaledDotProductAttention',
    title: 'five dimensions, broadcast keys, dropped weights',
    inputs: shapes([2, 1, 2, 3, 2], [3, 1, 5, 2], [5, 3]),
    run: (q, k, v) => scaledDotProductAttention(q, k, v, { dropoutP: 0.4, generator: new Generator(5) }),
  },
  {
    op: 'scaledDotProductAttention',
    title: 'no queries',
    inputs: shapes([0, 3], [2, 3], [2, 1]),
    run: (q, k, v) => scaledDotProductAttention(q, k, v),
  },
  {
    op: 'scaledDotProductAttention',
    title: 'no keys',
    inputs: shapes([2, 3], [0, 3], [0, 1]),
    run: (q, k, v) => scaledDotProductAttention(q, k, v),
  },
  {
    op: 'scaledDotProductAttention',
    title: 'queries, keys and values that are one tensor',
    inputs: shapes([3, 4]),
    run: (x) => scaledDotProductAttention(x, x, x.mul(x)),
  },
  { op: 'selfAttention', title: 'two heads', inputs: shapes([2, 4, 12]), run: (x) => selfAttention(x, 2) },
  {
    op: 'selfAttention',
    title: 'causal and dropped, a permuted input',
    inputs: shapes([12, 2, 5]),
    run: (x) => selfAttention(x.permute([1, 2, 0]), 2, { isCausal: true, dropoutP: 0.3, generator: new Generator(2) }),
  },
  {
    op: 'selfAttention',
    title: 'a learned mask',
    inputs: shapes([1, 3, 6], [3, 3]),
    run: (x, attnMask) => selfAttention(x, 2, { attnMask }),
  },
  {
    op: 'attentionWeights',
    title: 'a mask, causal',
    inputs: three.slice(0, 2),
    run: (q, k) => attentionWeights(q, k, { attnMask: mask, isCausal: true }),
  },
  {
    op: 'attentionWeights',
    title: 'grouped heads, dropped weights',
    inputs: shapes([4, 3, 2], [2, 5, 2]),
    run: (q, k) => attentionWeights(q, k, { enableGqa: true, dropoutP: 0.5, generator: new Generator(3) }),
  },
  ...[false, true].flatMap((interleaved): OpSample[] => [
    {
      op: 'rotary',
      title: `pairs of ${interleaved ? 'neighbours' : 'halves'}`,
      inputs: shapes([2, 3, 2, 14]),
      run: (x) => turned(x, [3, 7], interleaved),
    },
    {
      op: 'rotary',
      title: `pairs of ${interleaved ? 'neighbours' : 'halves'}, permuted, with places of their own in each row`,
      inputs: shapes([3, 2, 2, 8]),
      run: (x) => turned(x.permute([1, 0, 2, 3]), [2, 3, 4], interleaved),
    },
  ]),
];
