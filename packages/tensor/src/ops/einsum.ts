/** Einstein summation, lowered to permutations and one batched matrix product for each pair of operands. */
import { ShapeError } from '../errors.ts';
import { show } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { matmul } from './matmul.ts';
import { sum } from './reduce.ts';
import { permute, reshape, unsqueeze } from './reshape.ts';

interface Term {
  readonly labels: string;
  readonly tensor: Tensor;
}

/**
 * Sums products over the labels that the output leaves out, as in einsum('bij,bjk->bik', a, b). One letter a
 * dimension; without "->" the output has the letters that occur once, sorted. Throws ShapeError for bad equations.
 */
export function einsum(equation: string, ...tensors: Tensor[]): Tensor {
  const { inputs, output } = parse(equation, tensors);
  let result = inputs[0];
  for (let i = 1; i < inputs.length; i++) {
    const needed =
      output +
      inputs
        .slice(i + 1)
        .map(({ labels }) => labels)
        .join('');
    result = contract(result, inputs[i], needed);
  }
  return arrange(sumOut(result, output), output);
}

function parse(equation: string, tensors: readonly Tensor[]): { inputs: Term[]; output: string } {
  const [left, right, ...more] = equation.replaceAll(' ', '').split('->');
  if (more.length > 0) throw new ShapeError(`einsum: "${equation}" has more than one "->"`);
  const labels = left.split(',');
  if (labels.length !== tensors.length) {
    throw new ShapeError(`einsum: "${equation}" names ${labels.length} tensors, but got ${tensors.length}`);
  }
  const sizes = new Map<string, number>();
  const inputs = labels.map((letters, i) => {
    const tensor = tensors[i];
    if (!/^[a-zA-Z]*$/.test(letters) || letters.length !== tensor.rank || new Set(letters).size !== letters.length) {
      throw new ShapeError(
        `einsum: "${letters}" must name each dimension of ${show(tensor.shape)} by a letter of its own`,
      );
    }
    [...letters].forEach((letter, d) => {
      const known = sizes.get(letter) ?? tensor.shape[d];
      if (known !== tensor.shape[d]) {
        throw new ShapeError(`einsum: "${letter}" is ${known} in one tensor and ${tensor.shape[d]} in another`);
      }
      sizes.set(letter, known);
    });
    return { labels: letters, tensor };
  });
  const all = labels.join('');
  const once = [...new Set(all)].filter((letter) => all.split(letter).length === 2).sort();
  const output = right ?? once.join('');
  if (new Set(output).size !== output.length || ![...output].every((letter) => sizes.has(letter))) {
    throw new ShapeError(`einsum: the output "${output}" may name each letter of the inputs once`);
  }
  return { inputs, output };
}

/** Product of two terms, summed over the labels that nothing needs any more: [batch, a, k]·[batch, k, b]. */
function contract(a: Term, b: Term, needed: string): Term {
  const left = sumOut(a, b.labels + needed);
  const right = sumOut(b, a.labels + needed);
  const shared = [...left.labels].filter((letter) => right.labels.includes(letter));
  const batch = shared.filter((letter) => needed.includes(letter)).join('');
  const inner = shared.filter((letter) => !needed.includes(letter)).join('');
  const onlyLeft = [...left.labels].filter((letter) => !right.labels.includes(letter)).join('');
  const onlyRight = [...right.labels].filter((letter) => !left.labels.includes(letter)).join('');
  const product = matmul(grouped(left, [batch, onlyLeft, inner]), grouped(right, [batch, inner, onlyRight]));
  const sizeOfLabel = (letter: string): number => {
    const term = left.labels.includes(letter) ? left : right;
    return term.tensor.shape[term.labels.indexOf(letter)];
  };
  const labels = batch + onlyLeft + onlyRight;
  return { labels, tensor: reshape(product, [...labels].map(sizeOfLabel)) };
}

function sumOut({ labels, tensor }: Term, needed: string): Term {
  const dims = [...labels].flatMap((letter, d) => (needed.includes(letter) ? [] : [d]));
  if (dims.length === 0) return { labels, tensor };
  return { labels: [...labels].filter((letter) => needed.includes(letter)).join(''), tensor: sum(tensor, dims) };
}

/** The tensor as a batch of matrices, its dimensions ordered and joined by the three groups. */
function grouped(term: Term, groups: readonly string[]): Tensor {
  const ordered = arrange(term, groups.join(''));
  let next = 0;
  const sizes = groups.map((group) => [...group].reduce((product) => product * ordered.shape[next++], 1));
  return ordered.rank === 0 ? unsqueeze(unsqueeze(unsqueeze(ordered, 0), 0), 0) : reshape(ordered, sizes);
}

function arrange({ labels, tensor }: Term, order: string): Tensor {
  return labels === order
    ? tensor
    : permute(
        tensor,
        [...order].map((letter) => labels.indexOf(letter)),
      );
}
