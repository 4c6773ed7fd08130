import { record, type Node } from '../autograd.ts';
import { noted } from '../autograd/trace.ts';
import { readsNothing } from '../autograd/versions.ts';
import { DTypeError, ShapeError } from '../errors.ts';
import { block, openBlock } from '../kernels/block.ts';
import { kernelsFor } from '../kernels/dispatch.ts';
import { sameShape, show } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { rowMajor } from './accumulate.ts';
import { checkFloat } from './elementwise.ts';

export interface RotaryOptions {
  /** Whether the pairs are neighbours, 2k and 2k + 1 (Su et al. 2021), instead of k and k + D/2 (Llama's weights); false. */
  readonly interleaved?: boolean;
}

interface Angles {
  readonly cos: Tensor;
  readonly sin: Tensor;
  readonly interleaved: boolean;
  readonly back: boolean;
}

/**
 * Rotary position embedding (Su et al. 2021): pairs (a, b) of each head turned by an angle, (a·cos − b·sin, b·cos + a·sin).
 * x: [N, L, H, D] with an even D, cos and sin of the angles by place and pair: [L, D/2], or [N, L, D/2] → x's shape. cos and
 * sin have no gradient. Throws ShapeError or DTypeError if they do not fit x.
 */
export function rotary(x: Tensor, cos: Tensor, sin: Tensor, { interleaved = false }: RotaryOptions = {}): Tensor {
  checkOperands(x, cos, sin);
  const y = turned(x, { cos: rowMajor(cos), sin: rowMajor(sin), interleaved, back: false });
  return noted(y, 'rotary', [x, cos, sin], interleaved);
}
function rotaryGradient(grad: Tensor, { saved }: Node): Tensor[] {
  const angles = saved as Angles;
  return [turned(grad, { ...angles, back: !angles.back })];
}

function turned(x: Tensor, angles: Angles): Tensor {
  const { cos, sin, interleaved, back } = angles;
  const [source, out] = [rowMajor(x), Tensor.empty(x.shape, x.dtype)];
  for (const table of [cos, sin]) table.checkAlive();
  const kernels = kernelsFor(x.dtype);
  const words = openBlock();
  words[0] = source.address;
  words[1] = out.address;
  words[2] = cos.address;
  words[3] = sin.address;
  words[4] = x.shape[0] * x.shape[1];
  words[5] = cos.size / cos.shape[cos.rank - 1];
  words[6] = x.shape[2];
  words[7] = x.shape[3] / 2;
  words[8] = Number(interleaved);
  words[9] = Number(back);
  if (x.size > 0) kernels.rotary(block);
  return record(out, rotaryGradient, [x], angles);
}

function checkOperands(x: Tensor, cos: Tensor, sin: Tensor): void {
  checkFloat('rotary', x);
  if (cos.dtype !== x.dtype || sin.dtype !== x.dtype) {
    throw new DTypeError(`rotary: x is ${x.dtype}, but cos and sin are ${cos.dtype} and ${sin.dtype}; convert them`);
  }
  const [n, length, , width] = x.shape;
  const fits = [[length, width / 2], [n, length, width / 2]]; // prettier-ignore
  const fit = x.rank === 4 && width % 2 === 0 && fits.some((shape) => sameShape(cos.shape, shape));
  if (fit && sameShape(cos.shape, sin.shape)) return;
  throw new ShapeError(
    `rotary: x ${show(x.shape)} must be [N, L, H, D] with an even D, cos ${show(cos.shape)} and sin ${show(sin.shape)} ` +
      '[L, D/2] or [N, L, D/2]',
  );
}

readsNothing(rotaryGradient);
