/** Reading bytes that a stranger wrote: little-endian, bounded, and `null` where they end too early. */

export class ByteReader {
  readonly bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.#at = at;
  }

  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.bytes.byteLength - this.#at;
  }

  /** A view, not a copy. */
  take(count: number): Uint8Array | null {
    if (count < 0 || count > this.left) return null;
    this.#at += count;
    return this.bytes.subarray(this.#at - count, this.#at);
  }

  u8(): number | null {
    return this.#number(1);
  }

  u16(): number | null {
    return this.#number(2);
  }

  u32(): number | null {
    return this.#number(4);
  }

  /** `null` also when the number is larger than any size that could be meant. */
  size64(): number | null {
    const low = this.u32();
    const high = this.u32();
    return low === null || high !== 0 ? null : low;
  }

  #number(count: number): number | null {
    const taken = this.take(count);
    if (taken === null) return null;
    let value = 0;
    for (let i = count - 1; i >= 0; i--) value = value * 256 + (taken[i] ?? 0);
    return value;
  }
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function hexOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX[byte];
  return text;
}

/** @returns `null` for what is not an even number of hex digits */
export function bytesOfHex(text: string): Uint8Array | null {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return null;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, i) => byte === b[i]);
}

export function isFilledWith(bytes: Uint8Array, value: number): boolean {
  return bytes.every((byte) => byte === value);
}

/** Longest text that is taken out of a log: a command line of a kernel is at most this long. */
const MAX_TEXT_BYTES = 4096;

/** Text up to the first NUL; what is no UTF-8 becomes U+FFFD. */
export function utf8Of(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(bytes.subarray(0, Math.min(end < 0 ? bytes.length : end, MAX_TEXT_BYTES)));
}

/** UTF-16, little-endian, up to the first NUL; lone surrogates become U+FFFD. */
export function utf16Of(bytes: Uint8Array): string {
  const text = new TextDecoder("utf-16le").decode(
    bytes.subarray(0, Math.min(bytes.length & ~1, MAX_TEXT_BYTES)),
  );
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}

/** Whether the bytes are a text of printable ASCII, apart from NULs at the end. */
export function isPrintable(bytes: Uint8Array): boolean {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return (
    end > 0 && bytes.subarray(0, end).every((byte) => byte === 9 || byte === 10 || (byte >= 32 && byte < 127))
  );
}

/** A GUID as it is written; the first three groups are stored with their bytes reversed. */
export function guidOf(bytes: Uint8Array): string {
  const hex = (from: number, to: number) => hexOf(bytes.subarray(from, to));
  const reversed = (from: number, to: number) => hexOf(Uint8Array.from(bytes.subarray(from, to)).reverse());
  return [reversed(0, 4), reversed(4, 6), reversed(6, 8), hex(8, 10), hex(10, 16)].join("-");
}

/** Base64 of either alphabet, with line breaks or without; `null` for what is none. */
export function bytesOfBase64(text: string): Uint8Array | null {
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
    return bytes;
  } catch {
    // The one way in which `atob` says that a text is no base64.
    return null;
  }
}

/** The whole text; what is no UTF-8 becomes U+FFFD. */
export function utf8Text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
