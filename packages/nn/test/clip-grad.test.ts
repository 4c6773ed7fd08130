import { tensor, type Tensor } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { clipGradNorm_, clipGradValue_ } from '../src/optim/clip-grad.ts';
import { SGD } from '../src/optim/sgd.ts';

function withGradients(...gradients: (number[] | null)[]): Tensor[] {
  return gradients.map((gradient) => {
    const parameter = tensor(gradient ?? [0], { requiresGrad: true });
    if (gradient) parameter.grad = tensor(gradient);
    return parameter;
  });
}
const gradientsOf = (parameters: Tensor[]): (number[] | undefined)[] =>
  parameters.map(({ grad }) => grad?.toArray() as number[] | undefined);

describe('clipGradNorm_', () => {
  it.each([
    [2, 5, [0.6, 0.8]],
    [1, 7, [3 / 7, 4 / 7]],
    [Infinity, 4, [0.75, 1]],
    [3, 91 ** (1 / 3), [3 / 91 ** (1 / 3), 4 / 91 ** (1 / 3)]],
  ])(
    'scales the gradients to the %s-norm 1 over all parameters, and returns the norm before',
    (normType, norm, [a, b]) => {
      const parameters = withGradients([3], null, [0, -4]);
      expect(clipGradNorm_(parameters, 1, { normType })).toBeCloseTo(norm, 5);
      const [first, none, second] = gradientsOf(parameters);
      expect([first![0], none, second![0]]).toEqual([expect.closeTo(a!, 5), undefined, 0]);
      expect(second![1]).toBeCloseTo(-b!, 5);
    },
  );

  it('leaves gradients below the limit as they are, bit for bit, also in flat memory', () => {
    const parameters = withGradients([0.1, 0.2], [0.3]);
    const { flat } = new SGD(parameters);
    const before = [...flat.grad.view()];
    clipGradNorm_(parameters, 1);
    expect([...flat.grad.view()]).toEqual(before);
    clipGradNorm_(parameters, 0.1);
    expect(Math.hypot(...flat.grad.view())).toBeCloseTo(0.1, 5);
  });

  it('gives NaN for a gradient that is NaN, whatever the norm', () => {
    for (const normType of [2, Infinity]) {
      expect(clipGradNorm_(withGradients([1], [NaN], [2]), 1, { normType })).toBeNaN();
    }
  });

  it('refuses a limit that is none', () => {
    expect(() => clipGradNorm_([], -1)).toThrow('optimizer: maxNorm must be a number from 0, got -1');
    expect(() => clipGradNorm_([], 1, { normType: 0 })).toThrow('normType must be above 0, got 0');
  });
});

it('clipGradValue_ limits every element', () => {
  const parameters = withGradients([3, -0.1], null, [-4]);
  clipGradValue_(parameters, 0.5);
  expect(gradientsOf(parameters)).toEqual([[0.5, expect.closeTo(-0.1, 6)], undefined, [-0.5]]);
});
