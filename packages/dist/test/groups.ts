import { ProcessGroup, type GroupOptions } from '../src/group.ts';
import { MemoryNetwork, type Schedule } from '../src/transport/memory.ts';
import { Mesh } from '../src/transport/mesh.ts';
import type { Transport } from '../src/transport/transport.ts';
import { WebSocketTransport } from '../src/transport/websocket.ts';

export function memoryGroups(size: number, options: GroupOptions = {}, schedule?: Schedule): ProcessGroup[] {
  return new MemoryNetwork(size, schedule).transports.map((transport) => new ProcessGroup(transport, options));
}

export function memoryTransports(size: number): Promise<readonly Transport[]> {
  return Promise.resolve(new MemoryNetwork(size).transports);
}

/** Transports of `size` ranks of this process, linked by real sockets on the loopback interface. */
export async function webSocketTransports(size: number): Promise<readonly Transport[]> {
  const meshes = Array.from({ length: size }, (_, rank) => new Mesh(rank, size, 'token of the test'));
  const addresses = await Promise.all(meshes.map((mesh) => mesh.listen('127.0.0.1')));
  const members = addresses.map((address, rank) => ({ rank, ...address }));
  return Promise.all(
    meshes.map(async (mesh, rank) => {
      const links = await mesh.connect(members, 5000);
      return new WebSocketTransport(rank, size, links, () => mesh.close());
    }),
  );
}

/** Delivers in an order drawn from `seed`: links stay in order, but which link is served next is left to chance. */
export function shuffled(seed: number): Schedule {
  const waiting: (() => void)[] = [];
  let state = seed >>> 0;
  return (deliver) => {
    waiting.push(deliver);
    setImmediate(() => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const [chosen] = waiting.splice(Math.floor((state / 2 ** 32) * waiting.length), 1);
      chosen!();
    });
  };
}
