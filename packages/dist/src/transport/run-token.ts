import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Purpose } from '../wire/control-message.ts';

/** A new secret for one run; whoever starts the processes gives it to all of them as GRADWIRE_TOKEN. */
export function newRunToken(): string {
  return randomBytes(32).toString('hex');
}

export const newNonce = (): Uint8Array => randomBytes(32);

/** What both sides of a connection sign: fresh numbers of both, and who the caller says it is. */
export interface Challenge {
  serverNonce: Uint8Array;
  clientNonce: Uint8Array;
  purpose: Purpose;
  rank: number;
  worldSize: number;
}

/** HMAC-SHA256 by the run token. The side is signed too, so that no answer can be sent back as one's own. */
export function proofOf(token: string, side: 'client' | 'server', challenge: Challenge): Uint8Array {
  const { serverNonce, clientNonce, purpose, rank, worldSize } = challenge;
  const words = `gradwire 1 ${side} ${purpose} ${rank} ${worldSize}`;
  return createHmac('sha256', token).update(words).update(serverNonce).update(clientNonce).digest();
}

export function isProof(candidate: Uint8Array, expected: Uint8Array): boolean {
  return candidate.length === expected.length && timingSafeEqual(candidate, expected);
}
