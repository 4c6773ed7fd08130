import { noGrad, type Tensor } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { drawInputs, type OpSample } from '../../tensor/test/op-samples/sample.ts';
import { opSamples } from '../../tensor/test/op-samples.ts';
import { Module } from '../src/module.ts';
import { exportOnnx } from '../src/onnx/export-onnx.ts';
import { expectSame, runtime } from './onnx-runtime.ts';

/** Has the other as a part, so that errors have a path to name. */
class Outer extends Module {
  readonly inner: Module;

  constructor(inner: Module) {
    super();
    this.inner = inner;
  }

  forward(...inputs: never[]): unknown {
    return this.inner.forward(...inputs);
  }
}

class Calls extends Module {
  readonly #run: (...inputs: never[]) => unknown;

  constructor(run: (...inputs: never[]) => unknown) {
    super();
    this.#run = run;
  }

  forward(...inputs: never[]): unknown {
    return this.#run(...inputs);
  }
}

/** Operations that no file can hold, and titles of calls with options that none can hold. */
const REFUSED = ['ctc', 'cumprod', 'dropout', 'nll', 'softmaxNll'];
const REFUSED_OPTIONS =
  /^(?!grouped).*dropped|falling lengths.*projection|through views|through a view|seen by a view|a row of a result/;

const isRefused = ({ op, title }: OpSample): boolean => REFUSED.includes(op) || REFUSED_OPTIONS.test(title);
const inputsOf = (sample: OpSample): Tensor[] => noGrad(() => drawInputs(sample, 'float32').map((x) => x.detach()));

describe.skipIf(!runtime)('a file with one operation gives what the operation gives', () => {
  for (const sample of opSamples.filter((one) => !isRefused(one))) {
    it(`${sample.op}: ${sample.title}`, async () => {
      await expectSame(new Calls(sample.run as never), inputsOf(sample));
    });
  }
});

describe('an operation that no file can hold is refused by name', () => {
  for (const sample of opSamples.filter(isRefused)) {
    it(`${sample.op}: ${sample.title}`, () => {
      const outer = new Outer(new Calls(sample.run as never));
      expect(() => exportOnnx(outer, inputsOf(sample))).toThrow(
        expect.objectContaining({
          code: 'ERR_ONNX',
          message: expect.stringMatching(/^inner( \(Calls\))?: /) as string,
        }),
      );
    });
  }
});
