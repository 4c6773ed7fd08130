import { ones, ShapeError, tensor, zeros } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { crossEntropy, nllLoss } from '../src/losses/cross-entropy.ts';
import { l1Loss, mseLoss } from '../src/losses/mse.ts';
import { accuracy } from '../src/metrics/accuracy.ts';

const classes = (data: Parameters<typeof tensor>[0]) => tensor(data, { dtype: 'int32' });
const logits = zeros([2, 3]);

describe('crossEntropy', () => {
  it('is ln C for equal scores, whatever their size', () => {
    expect(crossEntropy(logits, classes([0, 2])).item()).toBeCloseTo(Math.log(3), 6);
    expect(crossEntropy(logits.add(1e4), classes([0, 2])).item()).toBeCloseTo(Math.log(3), 3);
  });

  it('has the gradient (softmax − target)/N', () => {
    const x = zeros([2, 2], { requiresGrad: true });
    crossEntropy(x, classes([0, 1])).backward();
    expect(x.grad!.toArray()).toEqual([
      [-0.25, 0.25],
      [0.25, -0.25],
    ]);
  });

  it('of classes equals that of their probabilities 0 and 1, with smoothing too', () => {
    const x = tensor([
      [1, -2, 0.5],
      [0, 3, 1],
    ]);
    const hot = tensor([
      [0, 0, 1],
      [1, 0, 0],
    ]);
    for (const labelSmoothing of [0, 0.1]) {
      const ofClasses = crossEntropy(x, classes([2, 0]), { labelSmoothing }).item();
      expect(crossEntropy(x, hot, { labelSmoothing }).item()).toBeCloseTo(ofClasses, 6);
    }
  });

  it('divides by the weights of the targets that count, and is NaN if none does', () => {
    const weight = tensor([1, 10, 100]);
    expect(crossEntropy(logits, classes([0, -100]), { weight }).item()).toBeCloseTo(Math.log(3), 6);
    expect(crossEntropy(logits, classes([-100, -100])).item()).toBeNaN();
    expect(crossEntropy(logits, classes([1, 2]), { reduction: 'sum', ignoreIndex: 2 }).item()).toBeCloseTo(
      Math.log(3),
      6,
    );
    expect(crossEntropy(logits, classes([1, 2]), { reduction: 'none', ignoreIndex: 2 }).shape).toEqual([2]);
  });

  const mistakes: readonly [() => unknown, string][] = [
    [
      () => crossEntropy(logits, tensor([0, 1])),
      'crossEntropy: target is float32 [2]; for logits [2, 3] pass classes as int32, or probabilities as float32 [2, 3]',
    ],
    [
      () => crossEntropy(logits, ones([2, 3], { dtype: 'uint8' })),
      'crossEntropy: target is uint8 [2, 3]; for logits [2, 3] pass classes as int32, or probabilities as float32 [2, 3]',
    ],
    [
      () => crossEntropy(logits, classes([0])),
      'softmaxNll: scores [2, 3] are [N, C, ...], so targets must be [2], got [1]',
    ],
    [
      () => crossEntropy(logits, classes([0, 3])),
      'softmaxNll: target 3 at position 1 is no class; there are 3 classes, 0 to 2',
    ],
    [() => crossEntropy(zeros([3]), classes([0])), 'crossEntropy: logits must be [N, C, ...], got [3]'],
    [
      () => crossEntropy(logits, classes([0, 1]), { labelSmoothing: 2 }),
      'crossEntropy: labelSmoothing must lie in [0, 1], got 2',
    ],
    [
      () => nllLoss(logits, classes([0, 1]), { weight: ones([2]) }),
      'nll: weight [2] must hold one number for each of 3 classes',
    ],
  ];

  it.each(mistakes.map(([call, message]) => ({ call, message })))('says "$message"', ({ call, message }) => {
    expect(call).toThrow(new ShapeError(message));
  });
});

describe('mseLoss, l1Loss and accuracy', () => {
  it('average over all elements, or add up, or leave them', () => {
    const [x, y] = [
      tensor([
        [1, 2],
        [3, 4],
      ]),
      tensor([
        [1, 0],
        [3, 1],
      ]),
    ];
    expect([mseLoss(x, y).item(), mseLoss(x, y, { reduction: 'sum' }).item()]).toEqual([3.25, 13]);
    expect([l1Loss(x, y).item(), l1Loss(x, y, { reduction: 'none' }).toArray()]).toEqual([
      1.25,
      [
        [0, 2],
        [0, 3],
      ],
    ]);
  });

  it('accuracy is the share of rows whose first largest score is the target', () => {
    const scores = tensor([
      [1, 5, 5],
      [9, 0, 0],
      [0, 0, 1],
    ]);
    expect(accuracy(scores, classes([1, 0, 0]))).toBeCloseTo(2 / 3, 12);
    expect(accuracy(zeros([0, 3]), classes([]))).toBe(0);
    expect(() => accuracy(scores, classes([1]))).toThrow(
      'accuracy: scores must be [N, C] and targets [N], got [3, 3] and [1]',
    );
  });
});
