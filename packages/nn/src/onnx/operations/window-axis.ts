/** What the trace of a convolution or pooling says of each spatial dimension. */
export interface WindowAxis {
  readonly size: number;
  readonly out: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}
