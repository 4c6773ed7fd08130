interface Range {
  address: number;
  bytes: number;
}

/** Free ranges of addresses, sorted and merged; first fit. Pure bookkeeping: it never touches memory. */
export class FreeList {
  readonly #ranges: Range[] = [];

  /** Takes `bytes` from the first range that has them; undefined if none has. */
  take(bytes: number): number | undefined {
    const index = this.#ranges.findIndex((range) => range.bytes >= bytes);
    const range = this.#ranges[index];
    if (!range) return undefined;
    const { address } = range;
    range.address += bytes;
    range.bytes -= bytes;
    if (range.bytes === 0) this.#ranges.splice(index, 1);
    return address;
  }

  /** Gives a range back (or in for the first time) and joins it with its neighbours. */
  give(address: number, bytes: number): void {
    let index = this.#ranges.findIndex((range) => range.address > address);
    if (index < 0) index = this.#ranges.length;
    const before = this.#ranges[index - 1];
    const after = this.#ranges[index];
    const joinsBefore = before !== undefined && before.address + before.bytes === address;
    const joinsAfter = after !== undefined && address + bytes === after.address;
    if (joinsBefore && joinsAfter) {
      before.bytes += bytes + after.bytes;
      this.#ranges.splice(index, 1);
    } else if (joinsBefore) {
      before.bytes += bytes;
    } else if (joinsAfter) {
      after.address = address;
      after.bytes += bytes;
    } else {
      this.#ranges.splice(index, 0, { address, bytes });
    }
  }

  /** Bytes that are free. */
  get bytes(): number {
    return this.#ranges.reduce((sum, range) => sum + range.bytes, 0);
  }
}
