import fc, { type Arbitrary } from 'fast-check';
import { attentionWeights } from '../../src/ops/attention-weights.ts';
import { scaledDotProductAttention, selfAttention } from '../../src/ops/attention.ts';
import { batchNorm } from '../../src/ops/batch-norm.ts';
import { rotary } from '../../src/ops/rotary.ts';
import { gru } from '../../src/ops/recurrent/gru.ts';
import { lstm } from '../../src/ops/recurrent/lstm.ts';
import { rnn } from '../../src/ops/recurrent/rnn.ts';
import { groupNorm, instanceNorm, layerNorm, rmsNorm } from '../../src/ops/row-norm.ts';
import { Generator } from '../../src/random/generator.ts';
import { sizeOf, type Shape } from '../../src/shape.ts';
import type { Tensor } from '../../src/tensor.ts';
import { calls, constant, filled, joined, longLived, ofShapes, randomMask, seed, shapes } from './call.ts';
import type { Call, OpCalls, Space } from './call.ts';

/** Whether there is a weight, and a bias too. */
const vectors = fc.constantFrom('none', 'weight', 'weight and bias');
const countOf = (kind: string): number => ['none', 'weight', 'weight and bias'].indexOf(kind);
/** So large that rows of equal numbers keep their digits. */
const eps = fc.constantFrom(0.05, 0.5);

const lastDims =
  (run: (x: Tensor, normalized: Shape, given: (Tensor | undefined)[], eps: number) => Tensor, mostVectors: number) =>
  (space: Space): Arbitrary<Call> =>
    calls(
      fc.record({ outer: shapes({ ...space, most: 40 }, { to: 2 }), normalized: shapes({ ...filled(space), most: space.most / 4 }, { from: 1, to: 2 }), kind: vectors, eps }), // prettier-ignore
      ({ outer, normalized, kind, eps: added }) => ({
        inputs: ofShapes(
          [...outer, ...normalized],
          ...[normalized, normalized].slice(0, Math.min(countOf(kind), mostVectors)),
        ),
        run: (x, ...given) => run(x, normalized, given, added),
      }),
    );

const channelwise =
  (run: (x: Tensor, groups: number, given: (Tensor | undefined)[], eps: number) => Tensor, least: number) =>
  (space: Space): Arbitrary<Call> =>
    calls(
      fc
        .record({
          batch: space.size,
          groups: fc.integer({ min: 1, max: 3 }),
          perGroup: fc.integer({ min: 1, max: 3 }),
          positions: shapes(filled(space), { to: 3 }),
          kind: vectors,
          eps,
        })
        .filter(
          ({ batch, groups, perGroup, positions }) =>
            batch * groups * perGroup * sizeOf(positions) <= 2 * space.most && sizeOf(positions) >= least,
        ),
      ({ batch, groups, perGroup, positions, kind, eps: added }) => ({
        inputs: ofShapes(
          [batch, groups * perGroup, ...positions],
          ...[[groups * perGroup], [groups * perGroup]].slice(0, countOf(kind)),
        ),
        run: (x, ...given) => run(x, groups, given, added),
      }),
    );

const batchNormCalls = (space: Space): Arbitrary<Call> =>
  calls(
    fc
      .record({
        batch: space.some,
        channels: space.some,
        positions: shapes(filled(space), { to: 3 }),
        kind: vectors,
        eps,
        mode: fc.constantFrom('batch', 'running', 'training'),
        from: seed,
      }) // prettier-ignore
      .filter(({ batch, channels, positions }) => {
        const count = batch * sizeOf(positions);
        return count > 1 && channels * count <= 2 * space.most;
      }),
    ({ batch, channels, positions, kind, eps: added, mode, from }) => ({
      inputs: ofShapes([batch, channels, ...positions], ...[[channels], [channels]].slice(0, countOf(kind))),
      run: (x, ...[weight, bias]) => {
        const options = { weight: weight ?? null, bias: bias ?? null, eps: added };
        if (mode === 'batch') return batchNorm(x, options);
        const runningMean = longLived(constant([channels], from, x.dtype));
        const runningVar = longLived(constant([channels], from + 1, x.dtype, 0.5, 2));
        const moments = { runningMean, runningVar };
        return batchNorm(x, { ...options, ...moments, training: mode === 'training' });
      },
    }),
  );

interface AttentionCall {
  readonly length: number;
  readonly keys: number;
  readonly width: number;
  readonly values: number;
  readonly batch: Shape;
  readonly mask: 'none' | 'bool' | 'float' | 'learned';
  readonly isCausal: boolean;
  readonly dropoutP: number;
  readonly groups: number;
  readonly from: number;
}

const attentionCall = (space: Space): Arbitrary<AttentionCall> =>
  fc
    .record({
      length: space.size,
      keys: space.size,
      width: space.some,
      values: space.some,
      batch: shapes({ ...space, most: 6 }, { to: 3 }),
      mask: fc.constantFrom('none', 'none', 'bool', 'float', 'learned'),
      isCausal: fc.boolean(),
      dropoutP: fc.constantFrom(0, 0, 0.4),
      groups: fc.constantFrom(1, 1, 2),
      from: seed,
    })
    .filter(({ length, keys, width, values, batch }) => {
      const most = Math.max(length * width, keys * width, keys * values, length * keys) * sizeOf(batch);
      return most <= 2 * space.most;
    });

const withMask = (
  call: AttentionCall,
  x: Tensor,
  learned: Tensor | undefined,
  generator = new Generator(call.from),
) => {
  const { length, keys, mask, isCausal, dropoutP, from } = call;
  const masks = {
    none: () => null,
    bool: () => randomMask([length, keys], from),
    float: () => constant([length, keys], from, x.dtype),
    learned: () => learned!,
  };
  return { attnMask: masks[mask](), isCausal, dropoutP, generator };
};

const attentionCalls = (space: Space): Arbitrary<Call> =>
  calls(attentionCall(space), (call) => {
    const { length, keys, width, values, batch, mask, groups } = call;
    const isGrouped = groups > 1 && batch.length > 0 && batch.at(-1)! > 0;
    const heads = isGrouped ? batch.with(-1, batch.at(-1)! * groups) : batch;
    const all = [
      [...heads, length, width],
      [...batch, keys, width],
      [...batch, keys, values],
    ];
    return {
      inputs: ofShapes(...all, ...(mask === 'learned' ? [[length, keys]] : [])),
      run: (q, k, v, learned) =>
        scaledDotProductAttention(q, k!, v!, { ...withMask(call, q, learned), enableGqa: isGrouped }),
    };
  });

const weightCalls = (space: Space): Arbitrary<Call> =>
  calls(
    attentionCall(space).filter(({ keys }) => keys > 0),
    (call) => {
      const { length, keys, width, batch, mask } = call;
      return {
        inputs: ofShapes([...batch, length, width], [...batch, keys, width], ...(mask === 'learned' ? [[length, keys]] : [])), // prettier-ignore
        run: (q, k, learned) => attentionWeights(q, k!, withMask(call, q, learned)),
      };
    },
  );

const selfAttentionCalls = (space: Space): Arbitrary<Call> =>
  calls(
    fc
      .tuple(attentionCall(space), fc.nat(2))
      .filter(([{ length, width, groups }]) => length * width * groups <= space.most),
    ([{ groups, ...rest }, batch]) => {
      const call = { ...rest, groups, keys: rest.length };
      const { length, width, mask } = call;
      return {
        inputs: ofShapes([batch, length, 3 * groups * width], ...(mask === 'learned' ? [[length, length]] : [])),
        run: (x, learned) => selfAttention(x, groups, withMask(call, x, learned)),
      };
    },
  );

/** Sequences of falling lengths with `gates` rows of weights for each hidden number. */
const recurrent =
  (gates: number, run: (op: RecurrentCall, given: readonly (Tensor | undefined)[]) => Tensor) =>
  (space: Space): Arbitrary<Call> =>
    calls(
      fc
        .record({
          batchSizes: fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }).map((all) => all.sort((a, b) => b - a)),
          inputSize: space.some,
          hidden: space.some,
          projected: fc.option(fc.integer({ min: 1, max: 3 })),
          hasBias: fc.boolean(),
          reverse: fc.boolean(),
          relu: fc.boolean(),
        })
        .filter(({ inputSize, hidden }) => hidden * (inputSize + hidden) <= space.most / 2),
      ({ batchSizes, inputSize, hidden, projected, hasBias, ...options }) => {
        const isLstm = gates === 4;
        const size = isLstm ? (projected ?? hidden) : hidden;
        const [rows, sequences] = [batchSizes.reduce((sum, n) => sum + n, 0), batchSizes[0]!];
        const hasProjection = isLstm && projected !== null;
        const inputs: Shape[] = [
          [rows, inputSize],
          [sequences, size],
          [sequences, hidden],
          [gates * hidden, inputSize],
          [gates * hidden, size],
          hasProjection ? [size, hidden] : [0, 0],
          ...(hasBias ? [[gates * hidden], [gates * hidden]] : []),
        ];
        return {
          inputs: ofShapes(...inputs),
          run: (...given) => run({ batchSizes, hasProjection, ...options }, given),
        };
      },
    );

interface RecurrentCall {
  readonly batchSizes: number[];
  readonly hasProjection: boolean;
  readonly reverse: boolean;
  readonly relu: boolean;
}

const weightsOf = (given: readonly (Tensor | undefined)[]) => {
  const [, , , weightIh, weightHh, , biasIh, biasHh] = given;
  return { weightIh: weightIh!, weightHh: weightHh!, biasIh: biasIh ?? null, biasHh: biasHh ?? null };
};

/** Normalisations, attention and recurrent layers. */
export const networkCalls: OpCalls = {
  attentionWeights: weightCalls,
  batchNorm: batchNormCalls,
  groupNorm: channelwise(
    (x, groups, [weight = null, bias = null], e) => groupNorm(x, groups, { weight, bias, eps: e }),
    1,
  ),
  gru: recurrent(3, ({ batchSizes, reverse }, given) =>
    joined(gru(given[0]!, batchSizes, given[1]!, weightsOf(given), { reverse })),
  ),
  instanceNorm: channelwise((x, _, [weight = null, bias = null], e) => instanceNorm(x, { weight, bias, eps: e }), 2),
  layerNorm: lastDims((x, shape, [weight = null, bias = null], e) => layerNorm(x, shape, { weight, bias, eps: e }), 2),
  lstm: recurrent(4, ({ batchSizes, hasProjection, reverse }, given) => {
    const weights = { ...weightsOf(given), weightHr: hasProjection ? given[5]! : null };
    return joined(lstm(given[0]!, batchSizes, given[1]!, given[2]!, weights, { reverse }));
  }),
  rmsNorm: lastDims((x, shape, [weight = null], e) => rmsNorm(x, shape, { weight, eps: e }), 1),
  rnn: recurrent(1, ({ batchSizes, reverse, relu }, given) =>
    joined(rnn(given[0]!, batchSizes, given[1]!, weightsOf(given), { reverse, nonlinearity: relu ? 'relu' : 'tanh' })),
  ),
  rotary: (space) =>
    calls(
      fc
        .record({
          sizes: fc.tuple(space.size, space.size, space.size, space.some),
          isShared: fc.boolean(),
          interleaved: fc.boolean(),
          from: seed,
        })
        .filter(({ sizes }) => 2 * sizeOf(sizes) <= space.most),
      ({ sizes: [n, length, heads, pairs], isShared, interleaved, from }) => ({
        inputs: ofShapes([n, length, heads, 2 * pairs]),
        run: (x) => {
          const shape = [...(isShared ? [] : [n]), length, pairs];
          return rotary(x, constant(shape, from, x.dtype), constant(shape, from + 1, x.dtype), { interleaved });
        },
      }),
    ),
  scaledDotProductAttention: attentionCalls,
  selfAttention: selfAttentionCalls,
};
