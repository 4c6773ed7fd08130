import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

const TIMEOUT_MS = 2000;

/** Opens a port on 127.0.0.1 and connects to it. Rejects with the reason if that cannot be done within 2 s. */
export async function reachesItself(): Promise<void> {
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect', { signal: AbortSignal.timeout(TIMEOUT_MS) });
    socket.destroy();
  } finally {
    server.close();
  }
}
