/** Einstein summation, lowered to permutations and one batched matrix product for each pair of operands. */
import type { Shape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { diagonal } from './diagonal.ts';
import { parseEquation } from './einsum-equation.ts';
import { matmul } from './matmul.ts';
import { sum } from './reduce.ts';
import { permute, reshape, unsqueeze } from './reshape.ts';

interface Term {
  readonly labels: string;
  readonly tensor: Tensor;
}

/**
 * Sums products over the labels that the output leaves out, as in einsum('bij,bjk->bik', a, b). One letter a dimension;
 * a letter twice in one term takes the diagonal, "..." stands for dimensions that broadcast, and a size of 1 stretches.
 * Without "->" the output has the ellipsis and the letters that occur once, sorted. Throws ShapeError for bad equations.
 */
export function einsum(equation: string, ...tensors: Tensor[]): Tensor {
  const shapes = tensors.map(({ shape }) => shape);
  const { inputs, output } = parseEquation(equation, shapes);
  const terms = tensors.map((tensor, i) => withoutStretched(withDiagonals(inputs[i], tensor), inputs, shapes));
  let result = terms[0];
  for (let i = 1; i < terms.length; i++) {
    const later = terms.slice(i + 1).map(({ labels }) => labels);
    result = contract(result, terms[i], output + later.join(''));
  }
  return arrange(sumOut(result, output), output);
}

/** A label that a term has twice is one dimension: its diagonal. */
function withDiagonals(labels: string, tensor: Tensor): Term {
  const first = [...labels].findIndex((label, d) => labels.indexOf(label, d + 1) >= 0);
  if (first < 0) return { labels, tensor };
  const label = labels[first];
  const second = labels.indexOf(label, first + 1);
  const others = [...labels].filter((_, d) => d !== first && d !== second).join('');
  return withDiagonals(others + label, diagonal(tensor, 0, first, second));
}

/** A dimension of size 1 that another tensor stretches needs no place in a product: it is dropped. */
function withoutStretched({ labels, tensor }: Term, inputs: readonly string[], shapes: readonly Shape[]): Term {
  const isStretched = (label: string): boolean =>
    inputs.some((other, i) => [...other].some((name, d) => name === label && shapes[i][d] !== 1));
  const dims = [...labels].flatMap((label, d) => (tensor.shape[d] === 1 && isStretched(label) ? [d] : []));
  if (dims.length === 0) return { labels, tensor };
  const isKept = (_: unknown, d: number): boolean => !dims.includes(d);
  return { labels: [...labels].filter(isKept).join(''), tensor: reshape(tensor, tensor.shape.filter(isKept)) };
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
