import { setTimeout as sleep } from 'node:timers/promises';
import { GradwireError } from '@gradwire/tensor';
import { ProcessGroup, TIMEOUT_MS, type Membership } from '../group.ts';
import { introduce } from '../transport/handshake.ts';
import { MemoryNetwork } from '../transport/memory.ts';
import { Mesh } from '../transport/mesh.ts';
import { openSocket, type Socket } from '../transport/socket.ts';
import { WebSocketTransport } from '../transport/websocket.ts';
import type { MemberAddress } from '../wire/control-message.ts';
import { CoordinatorServer } from './coordinator-server.ts';
import { groupAddress, type GroupAddress } from './environment.ts';
import { MemberConnection } from './member-connection.ts';

const RETRY_MS = 100;

export interface JoinOptions extends Partial<GroupAddress> {
  /** Deadline of every wait of the group, in milliseconds. */
  timeoutMs?: number;
  /** How long to wait until all ranks are there, in milliseconds. */
  startTimeoutMs?: number;
  /** Called while ranks are missing, whenever one more has come or gone. */
  onWaiting?: (missing: readonly number[]) => void;
}

/**
 * Joins this process with the others of its run, and resolves once all have come and all links are up. Rank 0 starts the
 * coordinator on MASTER_PORT; the order in which processes start does not matter. A group of one needs no network.
 * Throws GradwireError: ERR_ENVIRONMENT, ERR_PORT_IN_USE, ERR_REFUSED (a wrong token or size), ERR_START_TIMEOUT.
 */
export async function joinGroup(options: JoinOptions = {}): Promise<ProcessGroup> {
  const address = groupAddress(options, process.env);
  const { timeoutMs = TIMEOUT_MS, startTimeoutMs = TIMEOUT_MS } = options;
  if (address.worldSize === 1) return new ProcessGroup(new MemoryNetwork(1).transports[0]!, { timeoutMs });
  const coordinator = address.rank === 0 ? await startCoordinator(address, startTimeoutMs) : null;
  try {
    const socket = await callCoordinator(address, startTimeoutMs);
    return await joinThrough(socket, address, coordinator, options);
  } catch (error) {
    await coordinator?.close();
    throw error;
  }
}

function startCoordinator({ masterAddr, masterPort, ...run }: GroupAddress, startTimeoutMs: number) {
  const isLoopback = masterAddr === 'localhost' || masterAddr === '::1' || masterAddr.startsWith('127.');
  return CoordinatorServer.start(isLoopback ? masterAddr : undefined, masterPort, { ...run, startTimeoutMs });
}

/** Opens an authenticated socket to the coordinator, again and again until somebody answers there or time is up. */
async function callCoordinator(
  { rank, worldSize, masterAddr, masterPort, token }: GroupAddress,
  startTimeoutMs: number,
): Promise<Socket> {
  const deadlineMs = performance.now() + startTimeoutMs;
  for (;;) {
    try {
      const socket = await openSocket(masterAddr, masterPort, Math.min(5000, startTimeoutMs));
      await introduce(socket, token, { purpose: 'control', rank, worldSize });
      return socket;
    } catch (error) {
      if (error instanceof GradwireError && error.code === 'ERR_REFUSED') throw error;
      if (performance.now() + RETRY_MS > deadlineMs) {
        const message =
          `rank ${rank} could not reach the coordinator at ${masterAddr}:${masterPort} within ` +
          `${startTimeoutMs / 1000} s: ${(error as Error).message}; check that rank 0 runs there, and no firewall is between`;
        throw new GradwireError('ERR_START_TIMEOUT', message, { cause: error });
      }
      await sleep(RETRY_MS);
    }
  }
}

/** Takes a seat at the coordinator, waits for all the others, and links up with each of them. */
async function joinThrough(
  socket: Socket,
  { rank, worldSize, masterAddr, masterPort, token }: GroupAddress,
  coordinator: CoordinatorServer | null,
  { timeoutMs = TIMEOUT_MS, startTimeoutMs = TIMEOUT_MS, onWaiting }: JoinOptions,
): Promise<ProcessGroup> {
  const mesh = new Mesh(rank, worldSize, token);
  let group: ProcessGroup | null = null;
  const formed = deferred<{ generation: number; members: readonly MemberAddress[] }>();
  const failed = deferred<never>();
  const member = new MemberConnection(socket, { host: masterAddr, port: masterPort }, rank, {
    formed: (generation, members) => formed.resolve({ generation, members }),
    waiting: (missing) => onWaiting?.(missing),
    failed: (error) => {
      failed.reject(error);
      group?.fail(error);
      void coordinator?.close();
    },
  });
  const membership: Membership = {
    suspect: (lost, cause) => member.suspect(lost, cause),
    leave: () => member.leave().then(() => coordinator?.close()),
    abort: (reason) => member.abort(reason).then(() => coordinator?.close()),
  };
  try {
    member.register(await mesh.listen(socket.localAddress));
    const { generation, members } = await Promise.race([formed.promise, failed.promise]);
    const links = await Promise.race([mesh.connect(members, startTimeoutMs), failed.promise]);
    const transport = new WebSocketTransport(rank, worldSize, links, () => mesh.close());
    group = new ProcessGroup(transport, { generation, timeoutMs, membership });
    await Promise.race([failed.promise, Promise.resolve()]); // it may have failed while the last link came up
    return group;
  } catch (error) {
    mesh.destroy();
    await membership.abort((error as Error).message);
    throw error;
  }
}

function deferred<T>() {
  let settle = { resolve: (_: T) => {}, reject: (_: Error) => {} };
  const promise = new Promise<T>((resolve, reject) => (settle = { resolve, reject }));
  promise.catch(() => {}); // whoever still waits for it learns of the failure; after joining, the group does
  return { promise, ...settle };
}
