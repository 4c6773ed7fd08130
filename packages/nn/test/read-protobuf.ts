/** Reads protocol-buffer messages without knowing what they mean: the values of each field, by its number. */
export type Message = ReadonlyMap<number, readonly (bigint | Uint8Array)[]>;

/** Varints become bigint, everything else the bytes that it has. */
export function readMessage(bytes: Uint8Array): Message {
  const fields = new Map<number, (bigint | Uint8Array)[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const take = (count: number): Uint8Array => bytes.subarray(at, (at += count));
  while (at < bytes.length) {
    const tag = Number(varint());
    const read = { 0: varint, 2: () => take(Number(varint())), 5: () => take(4) }[tag & 7];
    if (!read) throw new Error(`field ${tag >> 3} at ${at} has the wire type ${tag & 7}`);
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), read()]);
  }
  return fields;
}

export function messages(message: Message, field: number): Message[] {
  return (message.get(field) ?? []).map((value) => readMessage(value as Uint8Array));
}

export function texts(message: Message, field: number): string[] {
  return (message.get(field) ?? []).map((value) => new TextDecoder().decode(value as Uint8Array));
}

export function numbers(message: Message, field: number): number[] {
  return (message.get(field) ?? []).flatMap((value) => {
    if (typeof value === 'bigint') return [Number(BigInt.asIntN(64, value))];
    const packed: number[] = [];
    for (let at = 0; at < value.length; at++) {
      let number = 0n;
      for (let shift = 0n; ; shift += 7n, at++) {
        number |= BigInt(value[at] & 127) << shift;
        if (value[at] < 128) break;
      }
      packed.push(Number(BigInt.asIntN(64, number)));
    }
    return packed;
  });
}
