import { GradwireError } from '@gradwire/tensor';
import { ProtocolError } from '../errors.ts';
import type { ControlMessage, ControlMessageOf, Purpose } from '../wire/control-message.ts';
import { isProof, newNonce, proofOf } from './run-token.ts';
import type { Socket } from './socket.ts';

/** A stranger has this long to prove that it knows the token. */
const HANDSHAKE_TIMEOUT_MS = 5000;

/** Who opens a connection, and for what. */
export interface Caller {
  purpose: Purpose;
  rank: number;
  worldSize: number;
}

/**
 * The side that was called: sends a challenge and resolves with who called, once that is proved. `refusal` may turn
 * an authenticated caller away by a reason. On any failure the socket is closed and the promise rejects.
 */
export async function answerCaller(
  socket: Socket,
  token: string,
  refusal: (caller: Caller) => string | null,
): Promise<Caller> {
  const serverNonce = newNonce();
  socket.sendControl({ type: 'challenge', nonce: serverNonce });
  const hello = expect(await nextMessage(socket), 'hello', socket);
  const challenge = { ...hello, serverNonce, clientNonce: hello.nonce };
  const proved = isProof(hello.proof, proofOf(token, 'client', challenge));
  const reason = proved ? refusal(hello) : 'its GRADWIRE_TOKEN is not the one of this run';
  if (reason !== null) {
    socket.sendControl({ type: 'refuse', reason });
    void socket.close();
    throw refused(`refused a connection from ${socket.remote}: ${reason}`);
  }
  socket.trust();
  socket.sendControl({ type: 'welcome', proof: proofOf(token, 'server', challenge) });
  return { purpose: hello.purpose, rank: hello.rank, worldSize: hello.worldSize };
}

/** The side that calls: proves that it knows the token, and checks that the other side does too. */
export async function introduce(socket: Socket, token: string, caller: Caller): Promise<void> {
  const { nonce: serverNonce } = expect(await nextMessage(socket), 'challenge', socket);
  const challenge = { ...caller, serverNonce, clientNonce: newNonce() };
  const proof = proofOf(token, 'client', challenge);
  socket.sendControl({ type: 'hello', ...caller, nonce: challenge.clientNonce, proof });
  const answer = await nextMessage(socket);
  if (answer.type === 'refuse') {
    socket.destroy();
    throw refused(`${socket.remote} refused rank ${caller.rank}: ${answer.reason}`);
  }
  const welcome = expect(answer, 'welcome', socket);
  if (!isProof(welcome.proof, proofOf(token, 'server', challenge))) {
    socket.destroy();
    throw refused(`${socket.remote} does not know the GRADWIRE_TOKEN of this run; is it another program's port?`);
  }
  socket.trust();
}

function nextMessage(socket: Socket): Promise<ControlMessage> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      clearTimeout(timer);
      socket.listen(null);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(
      () => fail(new ProtocolError(`handshake: ${socket.remote} said nothing for ${HANDSHAKE_TIMEOUT_MS / 1000} s`)),
      HANDSHAKE_TIMEOUT_MS,
    );
    socket.listen({
      control: (message) => {
        clearTimeout(timer);
        socket.listen(null);
        resolve(message);
      },
      frame: () => fail(new ProtocolError('handshake: a tensor frame before the welcome')),
      closed: (cause) => fail(cause ?? new Error(`handshake: ${socket.remote} closed the connection`)),
    });
  });
}

function expect<T extends ControlMessage['type']>(
  message: ControlMessage,
  type: T,
  socket: Socket,
): ControlMessageOf<T> {
  if (message.type === type) return message as ControlMessageOf<T>;
  socket.destroy();
  throw new ProtocolError(`handshake: ${socket.remote} sent "${message.type}" where "${type}" was due`);
}

const refused = (message: string) => new GradwireError('ERR_REFUSED', message);
