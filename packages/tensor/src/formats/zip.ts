/** Zip archives (PKWARE APPNOTE), as far as torch.save and numpy.savez write them: stored or deflated, no encryption. */
import { crc32, inflateRawSync } from 'node:zlib';
import type { Refuse } from './stored-type.ts';

const [LOCAL, CENTRAL, END] = [0x04034b50, 0x02014b50, 0x06054b50];
const [LOCAL_BYTES, CENTRAL_BYTES, END_BYTES] = [30, 46, 22];
const COMMENT_BYTES_MAX = 0xffff;
/** Deflate makes at most this many bytes of one. */
const INFLATION_MAX = 1032;

interface Entry {
  readonly method: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly offset: number;
}

/** Reads the entries of an archive, each when it is asked for. Errors of the archive are made by `refuse`. */
export class ZipReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #entries = new Map<string, Entry>();
  readonly #refuse: Refuse;

  constructor(bytes: Uint8Array, refuse: Refuse) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#refuse = refuse;
    this.#readDirectory();
  }

  get names(): string[] {
    return [...this.#entries.keys()];
  }

  /** A copy of an entry's bytes, at the start of their own buffer; undefined if there is no such entry. */
  read(name: string): Uint8Array | undefined {
    const entry = this.#entries.get(name);
    if (!entry) return undefined;
    const { offset, method, packedBytes, bytes } = entry;
    this.#check(offset, LOCAL_BYTES, LOCAL, `the entry "${name}"`);
    const start =
      offset + LOCAL_BYTES + this.#view.getUint16(offset + 26, true) + this.#view.getUint16(offset + 28, true);
    if (start + packedBytes > this.#bytes.length) throw this.#refuse(`the entry "${name}" is cut off`);
    const packed = this.#bytes.subarray(start, start + packedBytes);
    if (method === 0 && bytes === packedBytes) return new Uint8Array(packed);
    if (method !== 8)
      throw this.#refuse(`the entry "${name}" is packed by method ${method}; stored and deflated are read`);
    if (bytes > packedBytes * INFLATION_MAX)
      throw this.#refuse(`the entry "${name}" claims ${bytes} bytes of ${packedBytes}`);
    return this.#inflate(name, packed, bytes);
  }

  #inflate(name: string, packed: Uint8Array, bytes: number): Uint8Array {
    try {
      const inflated = inflateRawSync(packed, { maxOutputLength: Math.max(1, bytes) });
      if (inflated.length === bytes) return new Uint8Array(inflated);
    } catch {
      // Told below: damaged, or longer than it claims.
    }
    throw this.#refuse(`the entry "${name}" does not unpack to the ${bytes} bytes that it claims`);
  }

  #readDirectory(): void {
    const end = this.#findEnd();
    const count = this.#view.getUint16(end + 10, true);
    let at = this.#view.getUint32(end + 16, true);
    let packed = 0;
    for (let i = 0; i < count; i++) {
      this.#check(at, CENTRAL_BYTES, CENTRAL, 'the directory');
      const nameBytes = this.#view.getUint16(at + 28, true);
      const next =
        at + CENTRAL_BYTES + nameBytes + this.#view.getUint16(at + 30, true) + this.#view.getUint16(at + 32, true);
      if (next > end) throw this.#refuse('the directory is cut off');
      const name = new TextDecoder().decode(this.#bytes.slice(at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameBytes));
      const [packedBytes, bytes, offset] = [20, 24, 42].map((field) => this.#view.getUint32(at + field, true));
      if (this.#view.getUint16(at + 8, true) & 1) throw this.#refuse(`the entry "${name}" is encrypted`);
      this.#entries.set(name, { method: this.#view.getUint16(at + 10, true), packedBytes, bytes, offset });
      packed += packedBytes;
      if (packed > this.#bytes.length) throw this.#refuse('its entries claim more bytes than it has');
      at = next;
    }
  }

  /** The end record is the last thing in the file, but for a comment. */
  #findEnd(): number {
    const last = this.#bytes.length - END_BYTES;
    for (let at = last; at >= Math.max(0, last - COMMENT_BYTES_MAX); at--) {
      if (this.#view.getUint32(at, true) === END) return at;
    }
    throw this.#refuse('it is no zip archive, or cut off');
  }

  #check(at: number, bytes: number, signature: number, what: string): void {
    if (at + bytes > this.#bytes.length || this.#view.getUint32(at, true) !== signature) {
      throw this.#refuse(`${what} is not where it should be`);
    }
  }
}

/** An archive of these entries, stored as they are. */
export function writeZip(entries: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const [parts, directory]: [Uint8Array[], Uint8Array[]] = [[], []];
  let offset = 0;
  for (const [name, bytes] of entries) {
    const text = new TextEncoder().encode(name);
    const local = header(LOCAL, LOCAL_BYTES, 4, text, bytes);
    const central = header(CENTRAL, CENTRAL_BYTES, 6, text, bytes);
    new DataView(central.buffer).setUint32(42, offset, true);
    new DataView(central.buffer).setUint16(4, 20, true);
    parts.push(local, text, bytes);
    directory.push(central, text);
    offset += local.length + text.length + bytes.length;
  }
  const end = new DataView(new ArrayBuffer(END_BYTES));
  end.setUint32(0, END, true);
  end.setUint16(8, entries.size, true);
  end.setUint16(10, entries.size, true);
  end.setUint32(
    12,
    directory.reduce((sum, { length }) => sum + length, 0),
    true,
  );
  end.setUint32(16, offset, true);
  return new Uint8Array(Buffer.concat([...parts, ...directory, new Uint8Array(end.buffer)]));
}

/** What the local header and the directory say alike, from the version on at `at`. */
function header(signature: number, size: number, at: number, name: Uint8Array, bytes: Uint8Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(size));
  view.setUint32(0, signature, true);
  view.setUint16(at, 20, true); // the version of the format that has folders and deflate
  view.setUint16(at + 2, 0x800, true); // names are UTF-8
  view.setUint16(at + 8, 0x21, true); // 1 January 1980: the same tensors make the same bytes
  view.setUint32(at + 10, crc32(bytes), true);
  view.setUint32(at + 14, bytes.length, true);
  view.setUint32(at + 18, bytes.length, true);
  view.setUint16(at + 22, name.length, true);
  return new Uint8Array(view.buffer);
}
