/** Rows in PostgreSQL's binary copy format, written straight into one buffer. */

const SIGNATURE = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1");
/** Where PostgreSQL's own clock begins, in epoch milliseconds. */
const PG_EPOCH_MS = 946_684_800_000;
const TEXT_OID = 25;
const SMALLINT_OID = 21;
const START_BYTES = 256 * 1024;
/** Up to this length a loop over the characters beats a call into the engine. */
const SHORT_TEXT = 48;

/** One row after the other; every method adds one column. Not to be shared: it holds a buffer. */
export class CopyRows {
  #buffer = Buffer.allocUnsafe(START_BYTES);
  #at = SIGNATURE.copy(this.#buffer);
  readonly #digits = new Map<string, string>();

  startRow(columns: number): void {
    this.#reserve(2);
    this.#at = this.#buffer.writeInt16BE(columns, this.#at);
  }

  none(): void {
    this.#length(-1, 0);
  }

  bool(value: boolean): void {
    this.#length(1, 1);
    this.#buffer[this.#at] = value ? 1 : 0;
    this.#at += 1;
  }

  /** @param hex digits of a digest, or a UUID with its dashes taken out */
  hex(hex: string): void {
    const bytes = hex.length >> 1;
    this.#length(bytes, bytes);
    this.#at += this.#buffer.write(hex, this.#at, bytes, "hex");
  }

  uuid(uuid: string): void {
    // The same few ids stand in every row.
    let digits = this.#digits.get(uuid);
    if (digits === undefined) {
      digits = uuid.replaceAll("-", "");
      this.#digits.set(uuid, digits);
    }
    this.hex(digits);
  }

  bytes(value: Uint8Array): void {
    this.#length(value.byteLength, value.byteLength);
    this.#buffer.set(value, this.#at);
    this.#at += value.byteLength;
  }

  instant(ms: number): void {
    this.#length(8, 8);
    const micros = (ms - PG_EPOCH_MS) * 1000;
    if (Number.isSafeInteger(micros)) {
      const high = Math.floor(micros / 4_294_967_296);
      this.#at = this.#buffer.writeInt32BE(high, this.#at);
      this.#at = this.#buffer.writeUInt32BE(micros - high * 4_294_967_296, this.#at);
    } else {
      this.#at = this.#buffer.writeBigInt64BE(BigInt(ms - PG_EPOCH_MS) * 1000n, this.#at);
    }
  }

  text(value: string): void {
    this.#sized(value);
  }

  /** @param json serialised already */
  jsonb(json: string): void {
    const start = this.#open(1 + json.length * 3);
    this.#buffer[this.#at] = 1; // version of the format
    this.#at += 1;
    this.#write(json);
    this.#close(start);
  }

  texts(values: readonly string[]): void {
    const start = this.#openArray(TEXT_OID, values.length);
    for (const value of values) this.#sized(value);
    this.#close(start);
  }

  smallints(values: readonly number[]): void {
    const start = this.#openArray(SMALLINT_OID, values.length);
    for (const value of values) {
      this.#length(2, 2);
      this.#at = this.#buffer.writeInt16BE(value, this.#at);
    }
    this.#close(start);
  }

  /** The finished document. The object must not be used after it. */
  finish(): Buffer {
    this.#reserve(2);
    this.#at = this.#buffer.writeInt16BE(-1, this.#at);
    return this.#buffer.subarray(0, this.#at);
  }

  #openArray(oid: number, size: number): number {
    const start = this.#open(20);
    for (const word of size === 0 ? [0, 0, oid] : [1, 0, oid, size, 1])
      this.#at = this.#buffer.writeInt32BE(word, this.#at);
    return start;
  }

  #sized(value: string): void {
    const start = this.#open(value.length * 3);
    this.#write(value);
    this.#close(start);
  }

  /** Room for a length that is not known yet, and for so many bytes after it. */
  #open(most: number): number {
    this.#reserve(4 + most);
    const start = this.#at;
    this.#at += 4;
    return start;
  }

  #close(start: number): void {
    this.#buffer.writeInt32BE(this.#at - start - 4, start);
  }

  #length(length: number, room: number): void {
    this.#reserve(4 + room);
    this.#at = this.#buffer.writeInt32BE(length, this.#at);
  }

  #write(value: string): void {
    if (value.length > SHORT_TEXT) {
      this.#at += this.#buffer.write(value, this.#at, "utf8");
      return;
    }
    for (let index = 0; index < value.length; index += 1) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) {
        this.#at += this.#buffer.write(value.slice(index), this.#at, "utf8");
        return;
      }
      this.#buffer[this.#at] = code;
      this.#at += 1;
    }
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}
