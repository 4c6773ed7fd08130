/**
 * Protocol-buffer messages as bytes. A message is a list of chunks, so that the bytes of weights are copied once, into the
 * whole file. Only what a model needs of the format: varints, 32-bit floats, bytes, and messages in messages.
 */
export interface Encoded {
  readonly chunks: readonly Uint8Array[];
  readonly size: number;
}

/** One field of a message; null for one that is left out. */
export type Field = Encoded | null;

const [VARINT, BYTES, FIXED32] = [0, 2, 5];

/** A whole number of at most 53 bits; negative ones take ten bytes, as the format wants. */
export function integer(field: number, value: number): Encoded {
  return join([varint(BigInt(field * 8 + VARINT)), varint(BigInt(value))]);
}

/** Several whole numbers in one field. */
export function integers(field: number, values: readonly number[]): Encoded {
  return bytes(field, join(values.map((value) => varint(BigInt(value)))));
}

export function float(field: number, value: number): Encoded {
  const encoded = new Uint8Array(4);
  new DataView(encoded.buffer).setFloat32(0, value, true);
  return join([varint(BigInt(field * 8 + FIXED32)), one(encoded)]);
}

export function text(field: number, value: string): Encoded {
  return bytes(field, one(new TextEncoder().encode(value)));
}

/** A message in a message, or raw bytes. */
export function bytes(field: number, content: Encoded): Encoded {
  return join([varint(BigInt(field * 8 + BYTES)), varint(BigInt(content.size)), content]);
}

export function message(...fields: readonly (Field | readonly Field[])[]): Encoded {
  return join(fields.flat().filter((field): field is Encoded => field !== null));
}

export function one(chunk: Uint8Array): Encoded {
  return { chunks: [chunk], size: chunk.length };
}

/** The message in one piece. */
export function toBytes({ chunks, size }: Encoded): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function join(parts: readonly Encoded[]): Encoded {
  return { chunks: parts.flatMap(({ chunks }) => chunks), size: parts.reduce((sum, { size }) => sum + size, 0) };
}

function varint(value: bigint): Encoded {
  const encoded: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 128n; rest >>= 7n) encoded.push(Number(rest & 127n) | 128);
  return one(Uint8Array.of(...encoded, Number(rest)));
}
