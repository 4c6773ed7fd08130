import { FlatNorms, limitRows, rowNorms, type Optimizer } from '@gradwire/nn';
import { noGrad, step as memoryStep, Tensor, type FlatSlice, type TensorHandle } from '@gradwire/tensor';
import type { TrainingDefinition } from '../define-training.ts';

/**
 * What a step does to the parameters once the gradient is that of the whole run: limits the gradient, lets the
 * optimizer go on, and limits the weights. Threads and parameter servers each do it for a slice of flat memory; where norms over all slices are
 * needed they meet. So the bits do not depend on how many slices there are.
 */
export class SliceUpdate {
  readonly #optimizer: Optimizer;
  readonly #clipNorm: number | undefined;
  readonly #clipValue: number | undefined;
  readonly #maxNorm: number;
  readonly #gradientNorms: readonly FlatNorms[];
  readonly #rowNorms: readonly FlatNorms[];

  constructor({ clipGradNorm, clipGradValue, maxNorm }: TrainingDefinition, optimizer: Optimizer) {
    this.#optimizer = optimizer;
    this.#clipNorm = clipGradNorm;
    this.#clipValue = clipGradValue;
    this.#maxNorm = maxNorm ?? Infinity;
    this.#gradientNorms = clipGradNorm === undefined ? [] : [new FlatNorms(optimizer.flat)];
    this.#rowNorms = maxNorm === undefined ? [] : [rowNorms(optimizer.flat)];
  }

  /** Where the norms lie, for the other threads of the process; the optimizer's are not among them. */
  handle(): TensorHandle[] {
    return [...this.#gradientNorms, ...this.#rowNorms].map((norms) => norms.handle());
  }

  attach(handles: readonly TensorHandle[]): void {
    [...this.#gradientNorms, ...this.#rowNorms].forEach((norms, i) => norms.attach(handles[i]!));
  }

  /** Updates a slice. Each time it yields norms it goes on when these are measured in all slices. */
  *run({ start, end }: FlatSlice): Generator<readonly FlatNorms[], void> {
    const { flat, norms } = this.#optimizer;
    for (const norm of this.#gradientNorms) norm.measure(flat.grad, start, end);
    if (this.#gradientNorms.length > 0) yield this.#gradientNorms;
    this.#limitGradient(start, end);
    this.#optimizer.prepare(start, end);
    if (norms.length > 0) yield norms;
    this.#optimizer.update(start, end);
    for (const norm of this.#rowNorms) {
      norm.measure(flat.data, start, end);
      yield [norm];
      limitRows(flat, norm, this.#maxNorm, { start, end });
    }
  }

  /** As clipGradNorm_ and then clipGradValue_ of nn do it. */
  #limitGradient(start: number, end: number): void {
    const { grad } = this.#optimizer.flat;
    const norm = this.#gradientNorms[0]?.total() ?? 0;
    const scale = Math.min(1, (this.#clipNorm ?? Infinity) / (norm + 1e-6));
    const limit = this.#clipValue;
    if (start === end || (scale === 1 && limit === undefined)) return;
    const gradient = Tensor.fromHandle({ address: grad.address + start * 4, shape: [end - start], dtype: 'float32' });
    memoryStep(() =>
      noGrad(() => {
        if (scale !== 1) gradient.mul_(scale);
        if (limit !== undefined) gradient.clamp_(-limit, limit);
      }),
    );
  }
}
