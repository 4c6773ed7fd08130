/** The heap as a reference kernel sees it: `x` holds elements of the tensor's dtype, index = address >>> shift. */
export interface HeapView {
  readonly x: Float32Array | Float64Array | Int32Array | Uint8Array;
  /** log2 of the bytes of one element of `x`. */
  readonly shift: number;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly f64: Float64Array;
  readonly u8: Uint8Array;
}

/** Runs one kernel; `p` is the byte address of its argument block. */
export type ReferenceKernel = (heap: HeapView, p: number) => void;
