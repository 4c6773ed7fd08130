/** The notation of einsum: which letter names which dimension of which tensor. Pure: knows shapes, no tensors. */
import { ShapeError } from '../errors.ts';
import { show, type Shape } from '../shape.ts';

/** One label a dimension. The dimensions of an ellipsis get digits: '0' is the last of them, '1' the one before. */
export interface EinsumEquation {
  readonly inputs: readonly string[];
  readonly output: string;
}

/** Throws ShapeError for bad notation, and sizes that differ (a size of 1 stretches). */
export function parseEquation(equation: string, shapes: readonly Shape[]): EinsumEquation {
  const [left, right, ...more] = equation.replaceAll(' ', '').split('->');
  if (more.length > 0) throw new ShapeError(`einsum: "${equation}" has more than one "->"`);
  const terms = left.split(',');
  if (terms.length !== shapes.length) {
    throw new ShapeError(`einsum: "${equation}" names ${terms.length} tensors, but got ${shapes.length}`);
  }
  const inputs = terms.map((term, i) => labelsOf(term, shapes[i]));
  checkSizes(inputs, shapes);
  const ellipsis = longestEllipsis(inputs);
  const output = right === undefined ? implicitOutput(inputs, ellipsis) : right.replace('...', ellipsis);
  const known = inputs.join('');
  if (new Set(output).size !== output.length || ![...output].every((label) => known.includes(label))) {
    throw new ShapeError(`einsum: the output "${right ?? output}" may name each letter of the inputs once`);
  }
  return { inputs, output };
}

/** "b...ij" for five dimensions: "b10ij". */
function labelsOf(term: string, shape: Shape): string {
  const match = /^([a-zA-Z]*)(\.\.\.)?([a-zA-Z]*)$/.exec(term);
  const stretched = match?.[2] ? shape.length - match[1].length - match[3].length : 0;
  if (!match || stretched < 0 || match[1].length + stretched + match[3].length !== shape.length || stretched > 10) {
    throw new ShapeError(`einsum: "${term}" must name each dimension of ${show(shape)} by a letter`);
  }
  const digits = Array.from({ length: stretched }, (_, i) => stretched - 1 - i).join('');
  return match[1] + digits + match[3];
}

function checkSizes(inputs: readonly string[], shapes: readonly Shape[]): void {
  const sizes = new Map<string, number>();
  inputs.forEach((labels, i) => {
    [...labels].forEach((label, d) => {
      const size = shapes[i][d];
      const known = sizes.get(label) ?? 1;
      if (size !== known && size !== 1 && known !== 1) {
        throw new ShapeError(`einsum: "${label}" is ${known} in one tensor and ${size} in another`);
      }
      sizes.set(label, known === 1 ? size : known);
    });
  });
}

function longestEllipsis(inputs: readonly string[]): string {
  const digits = inputs.map((labels) => labels.replaceAll(/\D/g, ''));
  return digits.reduce((longest, own) => (own.length > longest.length ? own : longest), '');
}

/** Without "->": the ellipsis, then the letters that occur once, sorted. */
function implicitOutput(inputs: readonly string[], ellipsis: string): string {
  const all = inputs.join('').replaceAll(/\d/g, '');
  const once = [...new Set(all)].filter((letter) => all.split(letter).length === 2).sort();
  return ellipsis + once.join('');
}
