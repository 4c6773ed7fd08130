import fc, { type Arbitrary } from 'fast-check';
import { einsum } from '../../src/ops/einsum.ts';
import { linear } from '../../src/ops/linear.ts';
import { lambMoments, optimizerUpdate, type OptimizerRule } from '../../src/ops/optimizer-update.ts';
import { squareSums } from '../../src/ops/square-sums.ts';
import { tensor } from '../../src/create.ts';
import { Tensor } from '../../src/tensor.ts';
import type { Shape } from '../../src/shape.ts';
import { sizeOf } from '../../src/shape.ts';
import { broadcasting, calls, joined, ofShapes, shapes, type OpCalls, type Space } from './call.ts';

/** Matrices [m, k] and [k, n], with a row and a column to spare for k·m·n that are not too many. */
const matrices = ({ size, most }: Space) =>
  fc
    .record({ m: size, k: size, n: size })
    .filter(({ m, k, n }) => Math.max(m * k, k * n, m * n) <= 3 * most && m * k * n <= 60 * most);

/** Operands of matmul: vectors, matrices, and batches that broadcast. */
const factors = (space: Space): Arbitrary<[Shape, Shape]> =>
  fc.tuple(matrices(space), broadcasting({ ...space, most: 12 }, 2), fc.nat(5)).map(([{ m, k, n }, [a, b], kind]) => {
    if (kind === 0) return [[k], [k]];
    if (kind === 1) return [[k], [...b!.slice(-1), k, n]];
    if (kind === 2) return [[...a!.slice(-1), m, k], [k]];
    if (kind === 3)
      return [
        [m, k],
        [k, n],
      ];
    return [
      [...a!.slice(-2), m, k],
      [...b!.slice(-2), k, n],
    ];
  });

const EQUATIONS = ['ij,jk', 'bij,bjk->bik', 'ij,ij->', 'ij,kj->ki', 'i,j->ji', 'ii->i', 'bii->b', 'bij->jb', 'ij,jk,kl->il', 'ij,ik,il->jkl', '...i,...i->...', 'bi,ij->b'] as const; // prettier-ignore

const LETTERS = 'bijkl';

const RULES: readonly OptimizerRule[] = ['sgd', 'rmsprop', 'adagrad', 'adadelta', 'lion', 'adam', 'adamax', 'nadam', 'radam']; // prettier-ignore

/** Two pieces of flat memory of `size` elements, and what is between them left out. */
const piecesOf = (size: number, [a, b]: readonly [number, number]) => {
  const [first, second] = [a % (size + 1), b % (size + 1)].sort((one, other) => one - other) as [number, number];
  return { borders: tensor([[0, first], [second, size]], { dtype: 'int32' }), from: 0, to: 2 }; // prettier-ignore
};

/** Products, and the steps of optimizers. */
export const productCalls: OpCalls = {
  addmm: (space) =>
    calls(fc.tuple(matrices(space), fc.nat(3)), ([{ m, k, n }, kind]) => ({
      inputs: ofShapes([[], [n], [m, 1], [m, n]][kind]!, [m, k], [k, n]),
      run: (x, a, b) => x.addmm(a!, b!),
    })),
  bmm: (space) =>
    calls(fc.tuple(matrices(space), fc.nat(3)), ([{ m, k, n }, batch]) => ({
      inputs: ofShapes([batch, m, k], [batch, k, n]),
      run: (a, b) => a.bmm(b!),
    })),
  dot: (space) => calls(space.size, (n) => ({ inputs: ofShapes([n], [n]), run: (a, b) => a.dot(b!) })),
  einsum: (space) =>
    calls(
      fc
        .tuple(fc.constantFrom(...EQUATIONS), fc.array(space.size, { minLength: 5, maxLength: 5 }))
        .map(([equation, sizes]) => {
          const [terms] = equation.split('->') as [string];
          const sizeFor = (letter: string): number => sizes[LETTERS.indexOf(letter)]!;
          const inputs = terms.split(',').map((term) => [...term.replace('...', 'bk')].map(sizeFor));
          return { equation, inputs, sizes };
        })
        .filter(
          ({ inputs, sizes }) =>
            inputs.every((shape) => sizeOf(shape) <= space.most) && sizeOf(sizes) <= 100 * space.most,
        ),
      ({ equation, inputs }) => ({ inputs: ofShapes(...inputs), run: (...terms) => einsum(equation, ...terms) }),
    ),
  lambMoments: (space) =>
    calls(fc.tuple(space.size, fc.tuple(fc.nat(200), fc.nat(200)), fc.boolean()), ([size, cuts, maximize]) => ({
      inputs: [...ofShapes([size], [size]), ...[0, 1].map(() => ({ shape: [size], low: 0.1, high: 1 }))],
      run: (...given) => {
        const [parameter, grad, m, v] = given.map((x) => x.detach().clone());
        const sums = [Tensor.empty([2], 'float64'), Tensor.empty([2], 'float64')] as const;
        const numbers = [0.1, 0.9, 0.1, 0.99, 0.01, 0.3, 0.7, 0.95, 0.5, 0.6];
        const state = [m!, v!];
        lambMoments({ parameter: parameter!, grad: grad!, state, pieces: piecesOf(size, cuts), sums, maximize, l2: 0.1, numbers }); // prettier-ignore
        return joined([parameter!, ...state, ...sums]);
      },
    })),
  linear: (space) =>
    calls(
      fc.tuple(matrices(space), shapes({ ...space, most: 6 }, { to: 2 }), fc.boolean()),
      ([{ m, k, n }, outer, hasBias]) => ({
        inputs: ofShapes([...outer, m, k], [n, k], ...(hasBias ? [[n]] : [])),
        run: (x, weight, bias) => linear(x, weight!, bias ?? null),
      }),
    ),
  matmul: (space) => calls(factors(space), ([a, b]) => ({ inputs: ofShapes(a, b), run: (x, y) => x.matmul(y!) })),
  outer: (space) =>
    calls(fc.tuple(space.size, space.size), ([m, n]) => ({ inputs: ofShapes([m], [n]), run: (a, b) => a.outer(b!) })),
  optimizerUpdate: (space) =>
    calls(
      fc.record({
        rule: fc.constantFrom(...RULES),
        size: space.size,
        range: fc.tuple(fc.nat(200), fc.nat(200)),
        flags: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
      }),
      ({ rule, size, range, flags }) => ({
        inputs: [...ofShapes([size], [size]), ...[0, 1, 2].map(() => ({ shape: [size], low: 0.1, high: 1 }))],
        run: (...given) => {
          const [parameter, grad, ...state] = given.map((x) => x.detach().clone());
          const [start, end] = range.map((n) => n % (size + 1)).sort((a, b) => a - b) as [number, number];
          const numbers = [0.1, 0.9, 0.1, 0.99, 0.01, 0.3, 0.7, 0.95, 0.5, 0.6];
          const [maximize, ...rest] = flags;
          optimizerUpdate(rule, {
            parameter: parameter!,
            grad: grad!,
            state,
            start,
            end,
            maximize,
            l2: 0.1,
            numbers,
            flags: rest,
          });
          return joined([parameter!, ...state]);
        },
      }),
    ),
  squareSums: (space) =>
    calls(fc.tuple(space.size, fc.tuple(fc.nat(200), fc.nat(200))), ([size, cuts]) => ({
      inputs: ofShapes([size]),
      run: (x) => {
        const sums = Tensor.empty([2], 'float64');
        squareSums(x.detach().clone(), piecesOf(size, cuts), sums);
        return joined([x.detach(), sums]);
      },
    })),
};
