import { randomFillSync } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:http';
import { GradwireError } from '@gradwire/tensor';
import { WebSocket, WebSocketServer } from 'ws';
import { ProtocolError } from '../errors.ts';
import { decodeControlMessage, encodeControlMessage, WORLD_SIZE_MAX } from '../wire/control-message.ts';
import type { ControlMessage } from '../wire/control-message.ts';
import { decodeFrameHeader, FRAME_HEADER_BYTES, isTensorFrame, SEGMENT_BYTES_MAX } from '../wire/tensor-frame.ts';
import type { FrameHeader } from '../wire/tensor-frame.ts';

const MESSAGE_BYTES_MAX = SEGMENT_BYTES_MAX + FRAME_HEADER_BYTES;
const MERGED_BYTES_MAX = 16 * 1024; // below this one copy is cheaper than a second write
const CONNECTIONS_MAX = WORLD_SIZE_MAX + 256; // members, and strangers until they are cut off
const CLOSE_TIMEOUT_MS = 2000;
const CODE_NORMAL = 1000;
const CODE_PROTOCOL_ERROR = 1002;

/** Who is told what arrives on a socket. A ProtocolError thrown from `control` or `frame` closes it. */
export interface SocketListener {
  control(message: ControlMessage): void;
  frame(header: FrameHeader, payload: Uint8Array): void;
  /** Called once. `cause` is null if the peer closed on purpose. */
  closed(cause: Error | null): void;
}

type Arrival = { type: 'message'; fragments: Buffer[] } | { type: 'closed'; cause: Error | null };

/** One WebSocket that speaks control messages and tensor frames, every byte checked. Reads nothing until `listen`. */
export class Socket {
  readonly #ws: WebSocket;
  readonly localAddress: string;
  readonly remote: string;
  #listener: SocketListener | null = null;
  #backlog: Arrival[] = [];
  #failure: Error | null = null;
  #masked = true;
  #open = true;

  constructor(ws: WebSocket, addresses: { localAddress: string; remote: string }) {
    this.#ws = ws;
    this.localAddress = addresses.localAddress;
    this.remote = addresses.remote;
    ws.binaryType = 'fragments'; // header and payload come apart, so they are never joined by a copy
    ws.on('message', (data, isBinary) => {
      this.#arrive({ type: 'message', fragments: isBinary ? (data as Buffer[]) : [] });
    });
    ws.on('error', (error) => (this.#failure ??= error));
    ws.on('close', (code) => {
      this.#open = false;
      const cause = code === CODE_NORMAL ? null : (this.#failure ?? new Error(`connection closed (code ${code})`));
      this.#arrive({ type: 'closed', cause });
    });
  }

  /** Random masks until the peer has proved that it knows the token, zero masks (which cost nothing) after that. */
  trust(): void {
    this.#masked = false;
  }

  fillMask(mask: Buffer): void {
    if (this.#masked) randomFillSync(mask);
    else mask.fill(0);
  }

  listen(listener: SocketListener | null): void {
    this.#listener = listener;
    while (this.#listener && this.#backlog.length > 0) this.#dispatch(this.#backlog.shift()!);
    if (this.#listener) this.#ws.resume();
  }

  sendControl(message: ControlMessage): void {
    this.#ws.send(encodeControlMessage(message), () => {}); // a failed send is followed by `closed`
  }

  /** Sends a frame without copying `payload`, which must not change before `sent` is called. */
  sendFrame(header: Uint8Array, payload: Uint8Array, sent?: () => void): void {
    const done = (error?: Error | null) => void (error ? 0 : sent?.());
    if (payload.length <= MERGED_BYTES_MAX) {
      const merged = Buffer.allocUnsafe(header.length + payload.length);
      merged.set(header);
      merged.set(payload, header.length);
      this.#ws.send(merged, done);
    } else {
      this.#ws.send(header, { binary: true, fin: false }, () => {});
      this.#ws.send(payload, { binary: true, fin: true }, done);
    }
  }

  pause(): void {
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }

  /** Closes on purpose, after what was sent; the peer's listener gets a null cause. */
  close(): Promise<void> {
    return this.#finish(CODE_NORMAL);
  }

  /** Cuts the connection; the peer's listener gets a cause. */
  destroy(): void {
    this.#ws.terminate();
  }

  #finish(code: number): Promise<void> {
    if (!this.#open) return Promise.resolve();
    this.#ws.resume(); // a paused socket would never see the answer to its close
    const timer = setTimeout(() => this.#ws.terminate(), CLOSE_TIMEOUT_MS);
    return new Promise((resolve) => {
      this.#ws.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      this.#ws.close(code);
    });
  }

  #arrive(arrival: Arrival): void {
    if (this.#listener) return this.#dispatch(arrival);
    this.#backlog.push(arrival);
    this.#ws.pause(); // at most what one read from the kernel held gets into the backlog
  }

  #dispatch(arrival: Arrival): void {
    if (arrival.type === 'closed') return this.#listener!.closed(arrival.cause);
    if (this.#failure) return; // after a bad frame nothing more is believed
    try {
      this.#read(arrival.fragments);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#failure = error;
      void this.#finish(CODE_PROTOCOL_ERROR);
    }
  }

  #read(fragments: Buffer[]): void {
    const first = fragments[0];
    if (first === undefined) throw new ProtocolError('message: empty, or text');
    if (fragments.length === 2 && first.length === FRAME_HEADER_BYTES && isTensorFrame(first)) {
      return this.#listener!.frame(decodeFrameHeader(first, fragments[1]!.length), fragments[1]!);
    }
    const message = fragments.length === 1 ? first : Buffer.concat(fragments);
    if (!isTensorFrame(message)) return this.#listener!.control(decodeControlMessage(message));
    const payload = message.subarray(FRAME_HEADER_BYTES);
    this.#listener!.frame(decodeFrameHeader(message.subarray(0, FRAME_HEADER_BYTES), payload.length), payload);
  }
}

const WS_OPTIONS = { perMessageDeflate: false, maxPayload: MESSAGE_BYTES_MAX } as const;

/** Opens a socket to host:port. Rejects with the system's error if nobody listens there within `timeoutMs`. */
export function openSocket(host: string, port: number, timeoutMs: number): Promise<Socket> {
  let socket: Socket | null = null;
  const generateMask = (mask: Buffer) => (socket ? socket.fillMask(mask) : randomFillSync(mask));
  const ws = new WebSocket(`ws://${urlHost(host)}:${port}`, {
    ...WS_OPTIONS,
    handshakeTimeout: timeoutMs,
    generateMask: (mask) => void generateMask(mask),
  });
  return new Promise((resolve, reject) => {
    let localAddress = '';
    ws.once('error', reject);
    ws.once('upgrade', (response) => (localAddress = plainAddress(response.socket.localAddress)));
    ws.once('open', () => {
      ws.off('error', reject);
      socket = new Socket(ws, { localAddress, remote: `${host}:${port}` });
      resolve(socket);
    });
  });
}

/** A listening port. `accept` gets every socket that connects; none has proved anything yet. */
export class SocketServer {
  readonly #http: Server;
  readonly #wss: WebSocketServer;
  readonly host: string;
  readonly port: number;

  private constructor(http: Server, wss: WebSocketServer) {
    this.#http = http;
    this.#wss = wss;
    const { address, port } = http.address() as AddressInfo;
    this.host = plainAddress(address);
    this.port = port;
  }

  /** Port 0 takes a free one. Throws GradwireError ERR_PORT_IN_USE if another program listens there. */
  static async listen(host: string | undefined, port: number, accept: (socket: Socket) => void): Promise<SocketServer> {
    const http = createServer({ connectionsCheckingInterval: 1000 }, (_, response) => response.writeHead(426).end());
    http.maxHeadersCount = 50;
    http.maxConnections = CONNECTIONS_MAX;
    http.headersTimeout = http.requestTimeout = 5000;
    const wss = new WebSocketServer({ ...WS_OPTIONS, server: http });
    wss.on('connection', (ws, request) => {
      const { localAddress, remoteAddress, remotePort } = request.socket;
      const remote = `${plainAddress(remoteAddress)}:${remotePort}`;
      accept(new Socket(ws, { localAddress: plainAddress(localAddress), remote }));
    });
    await new Promise<void>((resolve, reject) => {
      wss.once('error', (error) => reject(listenError(error, host, port)));
      http.listen({ port, ...(host === undefined ? {} : { host }) }, resolve);
    });
    wss.on('error', () => {}); // errors of single connections reach their sockets
    return new SocketServer(http, wss);
  }

  /** Stops listening; sockets that are open stay open. */
  close(): void {
    this.#wss.close();
    this.#http.close();
  }
}

function listenError(error: Error & { code?: string }, host: string | undefined, port: number): Error {
  if (error.code !== 'EADDRINUSE') return error;
  const where = `${host ?? '*'}:${port}`;
  const advice = 'stop the program that holds it, or choose another port (MASTER_PORT)';
  return new GradwireError('ERR_PORT_IN_USE', `port ${port} is in use: cannot listen on ${where}; ${advice}`, {
    cause: error,
  });
}

// IPv4 seen through an IPv6 socket reads ::ffff:10.0.0.1
const plainAddress = (address: string | undefined) => (address ?? '').replace(/^::ffff:/, '');
const urlHost = (host: string) => (host.includes(':') ? `[${host}]` : host);
