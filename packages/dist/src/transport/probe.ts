import { connect } from 'node:net';

const PROBE_TIMEOUT_MS = 1000;

/**
 * Whether something accepts connections at host:port. The kernel answers for a process whose main thread is busy or
 * stopped, but not for one that is dead, nor for a host that is down: that tells a silent peer from a lost one.
 */
export function probe(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: PROBE_TIMEOUT_MS });
    const end = (isUp: boolean) => {
      socket.destroy();
      resolve(isUp);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}
