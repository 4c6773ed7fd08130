/** Pieces of one buffer that are under way at once: while one is added up, others travel. */
const PIECES_IN_FLIGHT = 4;

/** How many pieces a buffer makes; an empty one makes none. */
export function pieceCount(length: number, pieceLength: number): number {
  return Math.ceil(length / pieceLength);
}

/**
 * Cuts `length` elements into pieces and runs `perform` on each, a few at a time, starting them in order on every rank (so
 * that the earliest unfinished piece has always been started everywhere, and none waits for ever). Pieces with equal
 * `lane` never overlap in time: scratch memory may be kept by lane.
 */
export async function inPieces(
  length: number,
  pieceLength: number,
  perform: (piece: { index: number; start: number; end: number; lane: number }) => Promise<void>,
): Promise<void> {
  const count = pieceCount(length, pieceLength);
  let next = 0;
  const runLane = async (lane: number) => {
    while (next < count) {
      const index = next++;
      const start = index * pieceLength;
      await perform({ index, start, end: Math.min(start + pieceLength, length), lane });
    }
  };
  await Promise.all(Array.from({ length: Math.min(PIECES_IN_FLIGHT, count) }, (_, lane) => runLane(lane)));
}
