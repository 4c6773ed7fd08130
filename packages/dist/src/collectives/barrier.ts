import type { ProcessGroup } from '../group.ts';

const NOTHING = new Uint8Array(0);

/**
 * Resolves once every rank has called it.
 *
 * By *dissemination*: in round k a rank tells the one 2ᵏ further on, and waits for the one 2ᵏ behind; after round k it
 * knows of 2ᵏ⁺¹ ranks, so ⌈log₂ size⌉ rounds of empty messages do (Hensgen, Finkel & Manber 1988).
 */
export async function barrier(group: ProcessGroup): Promise<void> {
  const { rank, size } = group;
  await group.operate({ op: 'barrier', dtype: 'uint8', length: 0 }, async ({ send, receive }) => {
    for (let round = 0; 2 ** round < size; round++) {
      const distance = 2 ** round;
      const told = send((rank + distance) % size, round, NOTHING);
      await Promise.all([told, receive((rank - distance + size) % size, round, NOTHING)]);
    }
  });
}
