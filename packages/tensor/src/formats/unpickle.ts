/**
 * Reads the part of Python's pickle language (PEP 307, PEP 3154) that describes plain values. Nothing is ever imported
 * or called: a name that the pickle refers to is a Global, and what becomes of one that is called, `reduce` decides.
 */
import type { Refuse } from './stored-type.ts';

/** A name that a pickle refers to, such as "torch.FloatStorage". */
export class Global {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** How the format around the pickle understands what is not plain. */
export interface Meaning {
  /** The value of a call of a Global. */
  reduce(global: Global, args: readonly unknown[]): unknown;
  /** The value of a reference to something outside of the pickle. */
  persistent(id: unknown): unknown;
}

/** The value that the pickle describes: dicts are Maps, lists and tuples are arrays, None is null. */
export function unpickle(bytes: Uint8Array, meaning: Meaning, refuse: Refuse): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: unknown[] = [];
  const marks: number[] = [];
  const memo = new Map<number, unknown>();
  let at = 0;

  const take = (count: number): number => {
    if (count > bytes.length - at) throw refuse('has a pickle that is cut off');
    at += count;
    return at - count;
  };
  const text = (count: number): string => {
    const start = take(count);
    return new TextDecoder().decode(bytes.slice(start, start + count));
  };
  const line = (): string => {
    const end = bytes.indexOf(10, at);
    return text((end < 0 ? bytes.length : end) - at + 1).slice(0, -1);
  };
  const pop = (): unknown => {
    if (stack.length <= (marks.at(-1) ?? 0)) throw refuse('has a pickle that takes what it has not put');
    return stack.pop();
  };
  const popMark = (): unknown[] => {
    const mark = marks.pop();
    if (mark === undefined) throw refuse('has a pickle that takes what it has not put');
    return stack.splice(mark);
  };
  const remembered = (index: number): unknown => {
    if (!memo.has(index)) throw refuse('has a pickle that recalls what it has not kept');
    return memo.get(index);
  };
  const append = (items: readonly unknown[]): void => {
    const list = stack.at(-1);
    if (!Array.isArray(list)) throw refuse('has a pickle that appends to what is no list');
    for (const item of items) list.push(item);
  };
  const set = (items: readonly unknown[]): void => {
    const dict = stack.at(-1);
    if (!(dict instanceof Map) || items.length % 2) throw refuse('has a pickle that sets items of what is no dict');
    for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1]);
  };
  const global = (callee: unknown): Global => {
    if (!(callee instanceof Global)) throw refuse('has a pickle that calls what is no name');
    return callee;
  };
  const last = (count: number): unknown[] => Array.from({ length: count }, pop).reverse();

  for (;;) {
    const opcode = bytes[take(1)];
    switch (opcode) {
      case 0x80: // PROTO
        take(1);
        break;
      case 0x95: // FRAME
        take(8);
        break;
      case 0x4e: // NONE
        stack.push(null);
        break;
      case 0x88: // NEWTRUE
      case 0x89: // NEWFALSE
        stack.push(opcode === 0x88);
        break;
      case 0x4b: // BININT1
        stack.push(view.getUint8(take(1)));
        break;
      case 0x4d: // BININT2
        stack.push(view.getUint16(take(2), true));
        break;
      case 0x4a: // BININT
        stack.push(view.getInt32(take(4), true));
        break;
      case 0x8a: {
        // LONG1
        const count = view.getUint8(take(1));
        stack.push(whole(bytes.subarray(take(count), at), refuse));
        break;
      }
      case 0x47: // BINFLOAT
        stack.push(view.getFloat64(take(8)));
        break;
      case 0x58: // BINUNICODE
        stack.push(text(view.getUint32(take(4), true)));
        break;
      case 0x8c: // SHORT_BINUNICODE
        stack.push(text(view.getUint8(take(1))));
        break;
      case 0x7d: // EMPTY_DICT
        stack.push(new Map());
        break;
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        stack.push([]);
        break;
      case 0x28: // MARK
        marks.push(stack.length);
        break;
      case 0x74: // TUPLE
        stack.push(popMark());
        break;
      case 0x85: // TUPLE1 … TUPLE3
      case 0x86:
      case 0x87:
        stack.push(last(opcode - 0x84));
        break;
      case 0x61: // APPEND
        append([pop()]);
        break;
      case 0x65: // APPENDS
        append(popMark());
        break;
      case 0x73: // SETITEM
        set(last(2));
        break;
      case 0x75: // SETITEMS
        set(popMark());
        break;
      case 0x71: // BINPUT
        memo.set(view.getUint8(take(1)), stack.at(-1));
        break;
      case 0x72: // LONG_BINPUT
        memo.set(view.getUint32(take(4), true), stack.at(-1));
        break;
      case 0x94: // MEMOIZE
        memo.set(memo.size, stack.at(-1));
        break;
      case 0x68: // BINGET
        stack.push(remembered(view.getUint8(take(1))));
        break;
      case 0x6a: // LONG_BINGET
        stack.push(remembered(view.getUint32(take(4), true)));
        break;
      case 0x63: // GLOBAL
        stack.push(new Global(`${line()}.${line()}`));
        break;
      case 0x93: // STACK_GLOBAL
        stack.push(new Global(last(2).map(String).join('.')));
        break;
      case 0x52: // REDUCE
      case 0x81: {
        // NEWOBJ
        const [callee, args] = last(2);
        stack.push(meaning.reduce(global(callee), Array.isArray(args) ? args : []));
        break;
      }
      case 0x62: // BUILD: attributes, such as the _metadata of an OrderedDict, are no part of the value
        pop();
        if (!(stack.at(-1) instanceof Map)) throw refuse('sets attributes of what is no dict');
        break;
      case 0x51: // BINPERSID
        stack.push(meaning.persistent(pop()));
        break;
      case 0x2e: // STOP
        return pop();
      default:
        throw refuse(`has the pickle instruction 0x${opcode.toString(16)}, which plain values do not need`);
    }
  }
}

/** A whole number of little-endian bytes in two's complement. */
function whole(bytes: Uint8Array, refuse: Refuse): number {
  let value = 0n;
  for (const [i, byte] of bytes.entries()) value |= BigInt(byte) << BigInt(8 * i);
  value = BigInt.asIntN(8 * bytes.length, value);
  if (!Number.isSafeInteger(Number(value))) throw refuse(`holds the whole number ${value}, which a float cannot`);
  return Number(value);
}
