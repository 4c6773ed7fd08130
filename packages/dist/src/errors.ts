import { GradwireError } from '@gradwire/tensor';

/** Bytes from a peer that break the wire format. Whoever catches it closes that peer's link and nothing else. */
export class ProtocolError extends GradwireError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('ERR_PROTOCOL', message, options);
  }
}

/** A member of the group is gone: it died, failed, left, or cannot be reached. `rank` says which. */
export class PeerLostError extends GradwireError {
  readonly rank: number;
  constructor(rank: number, message: string, options?: { cause?: unknown }) {
    super('ERR_PEER_LOST', message, options);
    this.rank = rank;
  }
}

/** A wait passed its deadline. `missing` holds the ranks that had not answered by then. */
export class GroupTimeoutError extends GradwireError {
  readonly missing: readonly number[];
  constructor(missing: readonly number[], message: string) {
    super('ERR_GROUP_TIMEOUT', message);
    this.missing = missing;
  }
}

/** Two ranks called different collectives, or the same one with other sizes, at the same point of the program. */
export class DesyncError extends GradwireError {
  constructor(message: string) {
    super('ERR_DESYNC', message);
  }
}
