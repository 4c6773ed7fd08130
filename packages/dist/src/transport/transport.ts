import type { FrameHeader } from '../wire/tensor-frame.ts';

/**
 * Links from one rank to every other: carries tensor frames, in order on each link, and knows nothing of what they mean.
 * A link that breaks, or whose peer breaks the wire format, is lost for good; the other links do not notice.
 */
export interface Transport {
  readonly rank: number;
  readonly size: number;
  /** Sets who is told of frames and of lost links. Frames that came before are told now. */
  listen(listener: TransportListener): void;
  /**
   * Sends one frame. `payload` is not copied: it must not change before `sent` is called. On a lost link nothing
   * happens, `sent` is never called, and the listener learns of the loss.
   */
  send(to: number, header: Uint8Array, payload: Uint8Array, sent?: () => void): void;
  /** Stops reading from a peer, which sooner or later stops its sending; `resume` goes on. */
  pause(from: number): void;
  resume(from: number): void;
  /** Leaves: what was sent still arrives, then every peer is told `left`. */
  close(): Promise<void>;
  /** Breaks all links at once; every peer is told `lost`. */
  destroy(): void;
}

export interface TransportListener {
  /** `payload` is only valid during the call. Throws ProtocolError to have this one link closed. */
  frame(from: number, header: FrameHeader, payload: Uint8Array): void;
  lost(rank: number, cause: Error): void;
  left(rank: number): void;
}
