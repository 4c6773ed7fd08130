/** How the processes of a run settle a step: the two strategies behind one interface. */
import { GradientExchange, ParameterServerWorker, treeSum, type Bucket, type ProcessGroup } from '@gradwire/dist';
import { flatSlices, type FlatParameters } from '@gradwire/tensor';
import type { RankTimes } from '../events.ts';

/** This process's figures of a step. */
export interface StepFigures {
  /** Sum of the loss over this process's examples. */
  readonly lossSum: number;
  /** Whether somebody asked this process to stop. */
  readonly stop: boolean;
  readonly computeMs: number;
  readonly waitMs: number;
  readonly netMs: number;
  /** Changes of the model's buffers, summed over this process's shards. */
  readonly bufferChanges: Float64Array;
}

/** What all processes agree on. */
export interface SettledStep {
  readonly lossSum: number;
  readonly stop: boolean;
  /** Changes of the model's buffers, summed over all shards. */
  readonly bufferChanges: Float64Array;
  /** How each process spent the step (netMs: the step before); not with parameter servers. */
  readonly ranks?: readonly RankTimes[];
}

export interface StepExchange {
  /** This process's gradient of a bucket is complete. */
  filled(step: number, bucket: number): void;
  /** Resolves when the gradient (all-reduce) or the parameters (parameter server) are those of the whole run. */
  settle(step: number, figures: StepFigures): Promise<SettledStep>;
  /** The epoch, or the run, is over. */
  finish(): Promise<void>;
}

export class AllReduceExchange implements StepExchange {
  readonly #exchange: GradientExchange;

  constructor(group: ProcessGroup, { grad }: FlatParameters, buckets: readonly Bucket[]) {
    this.#exchange = new GradientExchange(group, grad.view() as Float32Array, buckets);
  }

  filled(step: number, bucket: number): void {
    this.#exchange.filled(step, bucket);
  }

  async settle(step: number, figures: StepFigures): Promise<SettledStep> {
    const { lossSum, stop, computeMs, waitMs, netMs, bufferChanges } = figures;
    const all = await this.#exchange.finish(step, [lossSum, Number(stop), computeMs, waitMs, netMs, ...bufferChanges]);
    return {
      lossSum: all.reduce((sum, [loss = 0]) => sum + loss, 0),
      stop: all.some(([, wantsStop]) => wantsStop === 1),
      bufferChanges: treeSum(all.map((numbers) => Float64Array.from(numbers.slice(5)))),
      ranks: all.map(([, , compute = 0, wait = 0, net = 0], rank) => ({
        rank,
        computeMs: compute,
        waitMs: wait,
        netMs: net,
      })),
    };
  }

  async finish(): Promise<void> {}
}

/** Numbers in a worker's info: the summed loss and changes of buffers, and the stop flag as a maximum. */
export function infoCounts(buffers: number): { sums: number; maxima: number } {
  return { sums: 1 + buffers, maxima: 1 };
}

export class ParameterServerExchange implements StepExchange {
  readonly #worker: ParameterServerWorker;
  readonly #gradient: Float32Array;
  readonly #parameters: Float32Array;
  readonly #buffers: number;

  constructor(group: ProcessGroup, workers: number, flat: FlatParameters, buffers: number) {
    this.#worker = new ParameterServerWorker(group, { workers, slices: flatSlices(flat, group.size - workers) });
    this.#gradient = flat.grad.view() as Float32Array;
    this.#parameters = flat.data.view() as Float32Array;
    this.#buffers = buffers;
  }

  filled(): void {} // the whole gradient goes in one exchange

  async settle(_step: number, { lossSum, stop, bufferChanges }: StepFigures): Promise<SettledStep> {
    const info = { sums: Float64Array.from([lossSum, ...bufferChanges]), maxima: Float64Array.of(Number(stop)) };
    const { sums, maxima } = await this.#worker.pushPull(this.#gradient, this.#parameters, info);
    return { lossSum: sums[0]!, stop: maxima[0] === 1, bufferChanges: sums.subarray(1) };
  }

  async finish(): Promise<void> {
    await this.#worker.goodbye(infoCounts(this.#buffers));
  }
}
