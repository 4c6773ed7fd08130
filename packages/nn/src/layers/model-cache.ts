import { KeyValueCache } from './key-value-cache.ts';

/** The caches of all self-attention layers of a model, which hold the same places. Dispose of it after use. */
export class ModelCache {
  readonly layers: readonly KeyValueCache[];

  constructor(layers: number, maxRows: number, maxLength: number) {
    this.layers = Array.from({ length: layers }, () => new KeyValueCache(maxRows, maxLength));
  }

  /** Places that are held. */
  get length(): number {
    return this.layers[0]?.length ?? 0;
  }

  /** Makes sequence i what sequence rows[i] was, in all layers. */
  pick(rows: readonly number[]): void {
    for (const layer of this.layers) layer.pick(rows);
  }

  [Symbol.dispose](): void {
    for (const layer of this.layers) layer[Symbol.dispose]();
  }
}

/** What one decoder layer keeps: keys of the target, which grow, and those of the memory, which it computes once. */
export interface DecoderLayerCache {
  readonly self: KeyValueCache;
  readonly memory: KeyValueCache;
}

export interface DecoderCacheSize {
  /** Sequences that are decoded: rows of the memory. */
  readonly sources: number;
  /** Most hypotheses of each; 1. */
  readonly beams?: number;
  /** Most places of a target. */
  readonly maxLength: number;
  /** Places of the memory. */
  readonly memoryLength: number;
}

/** The caches of a Transformer's decoder. Dispose of it after use. */
export class DecoderCache {
  readonly layers: readonly DecoderLayerCache[];
  #sources: readonly number[];

  constructor(layers: number, { sources, beams = 1, maxLength, memoryLength }: DecoderCacheSize) {
    const rows = sources * beams;
    this.layers = Array.from({ length: layers }, () => ({
      self: new KeyValueCache(rows, maxLength),
      memory: new KeyValueCache(rows, memoryLength),
    }));
    this.#sources = Array.from({ length: sources }, (_, i) => i);
  }

  /** Places of the target that are held. */
  get length(): number {
    return this.layers[0]?.self.length ?? 0;
  }

  /** Which source each row belongs to. */
  get sources(): readonly number[] {
    return this.#sources;
  }

  /** Makes row i what row rows[i] was, in all layers. */
  pick(rows: readonly number[]): void {
    const sources = rows.map((row) => this.#sources[row]);
    // The memory is the same in all rows of a source, so a row that stays with its source needs no copy.
    const stays = sources.every((source, i) => source === this.#sources[i]);
    const ofMemory = stays ? sources.map((_, i) => i) : rows;
    for (const { self, memory } of this.layers) {
      self.pick(rows);
      memory.pick(ofMemory);
    }
    this.#sources = sources;
  }

  [Symbol.dispose](): void {
    for (const { self, memory } of this.layers) {
      self[Symbol.dispose]();
      memory[Symbol.dispose]();
    }
  }
}
