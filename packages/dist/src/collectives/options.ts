/** Which training step and gradient bucket a collective belongs to, if any; all ranks must say the same. */
export interface CollectiveOptions {
  step?: number;
  bucket?: number;
}
