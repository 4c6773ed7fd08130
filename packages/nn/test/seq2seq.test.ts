import { logSoftmax, memoryUsage, tensor } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import {
  LuongAttention,
  Seq2Seq,
  Seq2SeqDecoder,
  Seq2SeqEncoder,
  greedyDecode,
  type Cell,
  type DecoderState,
} from '../src/index.ts';
import {
  largest,
  LENGTHS,
  network,
  probe,
  SOURCE,
  TARGET,
  tokens,
  wave,
  type Kind,
  type NetworkOptions,
} from './small-seq2seq.ts';

/**
 * Cell, encoder, attention, input feeding, teacher forcing, and sums over the logits, the weights of attention and the
 * gradients of all parameters; computed by PyTorch 1.13 in float64 from the same waves, one cell step at a time.
 */
const CASES: readonly [Cell, 'forward' | 'bidirectional', Kind, boolean, number, number[]][] = [
  ['LSTM', 'bidirectional', 'dot', false, 1, [-1.187383, 0.148821, -5.089083]],
  ['LSTM', 'forward', 'general', false, 1, [0.81851, 0.157598, 3.540934]],
  ['LSTM', 'forward', 'general', false, 0, [0.82441, 0.160053, 3.260529]],
  ['LSTM', 'bidirectional', 'bahdanau', false, 1, [0.108675, 0.148859, 2.293708]],
  ['LSTM', 'bidirectional', 'bahdanau', false, 0, [0.110228, 0.148822, 2.34509]],
  ['LSTM', 'bidirectional', null, false, 1, [-0.215394, 0, -2.815169]],
  ['LSTM', 'bidirectional', null, false, 0, [-0.20119, 0, -2.485498]],
  ['LSTM', 'bidirectional', 'dot', true, 1, [-1.193938, 0.14934, -5.109794]],
  ['LSTM', 'forward', 'general', true, 1, [1.049319, 0.161517, 4.093651]],
  ['LSTM', 'forward', 'general', true, 0, [0.986541, 0.160228, 3.902286]],
  ['LSTM', 'bidirectional', 'general', true, 1, [-0.753909, 0.153803, -3.103004]],
  ['LSTM', 'bidirectional', 'concat', true, 1, [0.099259, 0.148796, 2.157705]],
  ['GRU', 'bidirectional', 'general', false, 1, [-0.956896, 0.211704, -4.979022]],
  ['GRU', 'bidirectional', 'general', false, 0, [-0.99217, 0.190287, -5.036965]],
  ['GRU', 'bidirectional', 'concat', false, 1, [-0.131117, 0.163351, 1.845175]],
  ['GRU', 'bidirectional', 'concat', false, 0, [-0.160042, 0.162704, 1.851701]],
  ['GRU', 'bidirectional', 'dot', true, 1, [-1.474434, 0.188885, -4.973919]],
  ['GRU', 'bidirectional', 'general', true, 1, [-0.973915, 0.182847, -4.528784]],
  ['GRU', 'bidirectional', 'general', true, 0, [-0.972969, 0.187946, -4.602536]],
  ['GRU', 'bidirectional', 'concat', true, 1, [-0.25219, 0.163537, 1.373691]],
  ['GRU', 'bidirectional', 'concat', true, 0, [-0.24824, 0.163265, 1.419598]],
];

const DECODERS: readonly [name: string, NetworkOptions][] = [
  ['without attention', { attention: null }],
  ['that attends behind its layer', { attention: 'general' }],
  ['that attends in front of its layer', { attention: 'bahdanau', cell: 'GRU' }],
  ['with input feeding', { attention: 'concat', inputFeeding: true }],
];

describe('an encoder and a decoder give what PyTorch gives, forward and backward', () => {
  it.each(CASES)('%s, %s, attention %s, input feeding %s, teacher forcing %s', (...row) => {
    const [cell, directions, attention, inputFeeding, teacherForcing, expected] = row;
    const model = network({ cell, bidirectional: directions === 'bidirectional', attention, inputFeeding });
    const { logits, weights } = model.decode(SOURCE, LENGTHS, TARGET, { teacherForcing });
    const [ofLogits, ofWeights] = [probe(logits, 0), weights && probe(weights, 1)];
    (ofWeights ? ofLogits.add(ofWeights) : ofLogits).backward();
    const gradients = model.parameters().reduce((sum, { grad }, k) => sum + probe(grad!, k).item(), 0);
    [ofLogits.item(), ofWeights?.item() ?? 0, gradients].forEach((sum, i) => {
      expect(Math.abs(sum - expected[i]!)).toBeLessThan(2e-5 * (1 + Math.abs(expected[i]!)));
    });
  });
});

describe.each(DECODERS)('a decoder %s', (_, options) => {
  const model = network(options);

  it('gives the same logits for all tokens at once and for one after the other', () => {
    const whole = model.forward(SOURCE, LENGTHS, TARGET);
    let state = model.start(SOURCE, LENGTHS);
    for (let t = 0; t < 4; t++) {
      const one = model.decoder.forward(TARGET.narrow(1, t, 1), state);
      state = one.state;
      expect(largest(one.logits.sub(whole.narrow(1, t, 1)))).toBeLessThan(1e-6);
    }
  });

  it('does not see what is behind the end of a source, in logits and in gradients', () => {
    const passed = [SOURCE, tokens(3, 6, (i, t) => (t < LENGTHS[i]! ? (3 * i + 2 * t + 1) % 7 : 6 - i))].map(
      (source) => {
        model.zeroGrad();
        const { logits, weights } = model.decode(source, LENGTHS, TARGET);
        probe(logits, 0).backward();
        if (weights) {
          for (const [i, length] of LENGTHS.entries()) {
            expect(largest(weights.select(0, i).narrow(1, length, source.shape[1]! - length))).toBe(0);
          }
        }
        return [logits, ...model.parameters().map(({ grad }) => grad!)].map((x) => x.detach().clone());
      },
    );
    passed[0]!.forEach((x, i) => expect(largest(x.sub(passed[1]![i]!))).toBeLessThan(1e-5));
  });

  it('decodes a batch greedily as one token after the other would, also where sequences end before others', () => {
    const wild = network(options, 3);
    const lengths = new Set<number>();
    for (const end of [0, 1, 2, 3, 4]) {
      const search = { start: 0, end, maxLength: 6 };
      const { tokens: found, weights } = wild.greedyDecode(SOURCE, LENGTHS, search);
      const step = (sequences: readonly (readonly number[])[], before: DecoderState) => {
        const last = tokens(3, 1, (i) => sequences[i]!.at(-1)!);
        const { logits, state } = wild.decoder.forward(last, before);
        return { logProbs: logits.squeeze(1), state };
      };
      const expected = greedyDecode({ ...search, batch: 3, state: wild.start(SOURCE, LENGTHS), step });
      expect((found.toArray() as number[][]).map((row) => untilEnd(row, end))).toEqual(expected);
      expect(found.shape[1]).toBe(Math.min(6, 1 + Math.max(...expected.map(({ length }) => length))));
      expected.forEach((row) => lengths.add(row.length));
      expect(weights?.shape ?? null).toEqual(options.attention === null ? null : [3, found.shape[1], 4]);
      const sums = (weights?.sum(2).toArray() ?? []) as number[][];
      sums.forEach((row, i) => row.forEach((sum, t) => expect(sum).toBeCloseTo(t <= expected[i]!.length ? 1 : 0, 5)));
    }
    expect(lengths.size).toBeGreaterThan(1);
  });

  it('finds nothing less probable with more beams', () => {
    const search = { start: 0, end: 3, maxLength: 5 };
    const [one, many] = [1, 25].map((beams) => model.beamSearch(SOURCE, LENGTHS, { ...search, beams }));
    one!.forEach(([best], i) => expect(many![i]![0]!.logProb).toBeGreaterThanOrEqual(best!.logProb - 1e-5));
  });
});

it('a beam search finds the most probable of all sequences, of each source', () => {
  const model = network({ attention: 'dot', bidirectional: true });
  const found = model.beamSearch(SOURCE, LENGTHS, { start: 0, end: 3, maxLength: 2, beams: 25 });
  const after = (token: number): number[][] =>
    logSoftmax(
      model
        .forward(
          SOURCE,
          LENGTHS,
          tokens(3, 2, (_, t) => (t === 0 ? 0 : token)),
        )
        .select(1, 1),
      -1,
    ).toArray() as number[][];
  const first = logSoftmax(
    model
      .forward(
        SOURCE,
        LENGTHS,
        tokens(3, 1, () => 0),
      )
      .select(1, 0),
    -1,
  ).toArray() as number[][];
  found.forEach((hypotheses, i) => {
    const all = [0, 1, 2, 3, 4].flatMap((a) =>
      a === 3 ? [first[i]![3]!] : after(a)[i]!.map((logProb) => first[i]![a]! + logProb),
    );
    all.sort((a, b) => b - a);
    expect(hypotheses).toHaveLength(21);
    hypotheses.forEach(({ logProb }, k) => expect(logProb).toBeCloseTo(all[k]!, 4));
  });
});

describe('a Seq2Seq model', () => {
  it('gives the memory of each decoded token back', () => {
    const model = new Seq2Seq(new Seq2SeqEncoder(7, 8, 64), new Seq2SeqDecoder(5, 8, 64, { inputFeeding: true }));
    const source = tokens(64, 12, (i, t) => (i + t) % 7);
    const lengths = Array.from({ length: 64 }, () => 12);
    const bytesAfter = (maxLength: number): number => {
      model.greedyDecode(source, lengths, { start: 0, end: -1, maxLength }); // never ends
      return memoryUsage().stepBytes;
    };
    const short = bytesAfter(2);
    expect(bytesAfter(150) - short).toBeLessThan(16 * 2 ** 20); // 42 MB if each kept its results
  });

  it('has keys that say what a weight is for', () => {
    const keys = [...network({ attention: 'concat', bidirectional: true, inputFeeding: true }).stateDict().keys()];
    const plain = keys.filter((key) => !key.includes('rnn'));
    expect(plain).toEqual([
      'encoder.embedding.weight',
      'decoder.embedding.weight',
      'decoder.attention.concat.query.weight',
      'decoder.attention.concat.memory.weight',
      'decoder.attention.concat.score.weight',
      'decoder.combine.weight',
      'decoder.output.weight',
      'decoder.output.bias',
    ]);
    expect(keys).toContain('encoder.rnn.weight_hh_l1_reverse');
    expect(keys).toContain('decoder.rnn.bias_ih_l1');
  });

  it('drops in training, not in evaluation and not while it decodes, after which it trains on', () => {
    const model = network({ dropout: 0.5 });
    const run = (): number => probe(model.forward(SOURCE, LENGTHS, TARGET), 0).item();
    const decoded = (): unknown =>
      model.greedyDecode(SOURCE, LENGTHS, { start: 0, end: 3, maxLength: 6 }).weights!.toArray();
    expect(run()).not.toBe(run());
    expect(decoded()).toEqual(decoded());
    expect(model.training).toBe(true);
    model.eval();
    expect(run()).toBe(run());
  });

  it('keeps the embedding of padding at zero', () => {
    const options = { paddingIdx: 0 };
    const model = new Seq2Seq(new Seq2SeqEncoder(7, 4, 6, options), new Seq2SeqDecoder(5, 3, 6, options));
    probe(model.forward(SOURCE, LENGTHS, TARGET), 0).backward();
    for (const { embedding } of [model.encoder, model.decoder]) {
      expect(largest(embedding.weight.select(0, 0))).toBe(0);
      expect(largest(embedding.weight.grad!.select(0, 0))).toBe(0);
    }
  });

  it('counts its operations in a summary', () => {
    expect(network().summary([SOURCE, tensor(LENGTHS).to('int32'), TARGET])).toMatch(/decoder\.attention/);
  });

  it('says what does not fit, and where', () => {
    const [encoder, decoder] = [new Seq2SeqEncoder(7, 4, 6), new Seq2SeqDecoder(5, 3, 6)];
    expect(() => new Seq2Seq(encoder, new Seq2SeqDecoder(5, 3, 6, { cell: 'GRU', numLayers: 2 }))).toThrow(
      /both must be alike: encoder LSTM, numLayers 1, hiddenSize 6; decoder GRU, numLayers 2, hiddenSize 6/,
    );
    const model = new Seq2Seq(encoder, decoder);
    expect(() => new Seq2SeqEncoder(7, 4, 5, { bidirectional: true })).toThrow(/hiddenSize 5 must be even/);
    expect(() => new Seq2SeqDecoder(5, 3, 6, { attention: 'bahdanau', inputFeeding: true })).toThrow(
      /inputFeeding needs attention 'dot', 'general' or 'concat', got bahdanau/,
    );
    expect(() => model.forward(SOURCE.flatten(), LENGTHS, TARGET)).toThrow(
      /targetInput \[3, 4\] must be \[N, T\].*\[12\]/,
    );
    expect(() => model.forward(SOURCE, [2, 4, 5], TARGET)).toThrow(/encoder \(Seq2SeqEncoder\).*lengths \[2, 4, 5\]/);
    expect(() =>
      model.forward(
        SOURCE,
        LENGTHS,
        tokens(2, 4, () => 0),
      ),
    ).toThrow(/targetInput \[2, 4\] .* \[3, 4\]/);
    expect(() =>
      model.forward(
        SOURCE,
        LENGTHS,
        tokens(3, 4, () => 5),
      ),
    ).toThrow(/decoder\.embedding \(Embedding\)/);
    expect(() => new Seq2SeqDecoder(5, 3, 6, { attention: 'general ' as 'general' })).toThrow(
      /attention must be 'bahdanau', 'dot', 'general', 'concat' or null, got "general "/,
    );
    expect(() => new Seq2SeqEncoder(7, 4, 6, { cell: 'lstm' as 'LSTM' })).toThrow(/'LSTM' or 'GRU', got "lstm"/);
    expect(() => new LuongAttention(6, 6, { score: 'cosine' as 'dot' })).toThrow(/score must be .*, got "cosine"/);
    expect(() => model.greedyDecode(SOURCE, LENGTHS, { start: 0, end: 3, maxLength: 0 })).toThrow(/from 1, got 0/);
    const { attention } = decoder;
    const { memory, keys } = model.start(SOURCE, LENGTHS);
    expect(() => attention!.forward(wave([2, 4, 6], 0), memory, null, keys!)).toThrow(
      /LuongAttention: expected query \[N, T, querySize\].* got \[2, 4, 6\], \[3, 4, 6\] and no mask/,
    );
  });
});

function untilEnd(row: readonly number[], end: number): number[] {
  const stop = row.indexOf(end);
  return stop < 0 ? [...row] : row.slice(0, stop);
}
