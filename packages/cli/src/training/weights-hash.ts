import type { Module } from '@gradwire/nn';
import { createHash } from 'node:crypto';

/** sha256 of the parameters' bytes in state-dict order, in hexadecimal. */
export function weightsSha256(model: Module): string {
  const hash = createHash('sha256');
  for (const [, parameter] of model.namedParameters()) hash.update(parameter.bytes());
  return hash.digest('hex');
}
