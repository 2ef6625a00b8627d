/** Ids that sort by the time they were made (RFC 9562, version 7). */
import { randomBytes } from "node:crypto";

let lastMs = -1;
let counter = 0;

/**
 * A new UUIDv7.
 *
 * Ids of one process and the same millisecond come out in order: the 12 bits after the version count
 * up from a random start. Should they run out, random bits decide the order as in any other id.
 */
export function uuidv7(now: Date): string {
  const ms = now.getTime();
  const bytes = randomBytes(16);
  if (ms === lastMs) {
    counter = (counter + 1) & 0xfff;
  } else {
    lastMs = ms;
    counter = bytes.readUInt16BE(6) & 0x7ff;
  }
  bytes.writeUIntBE(ms, 0, 6);
  bytes.writeUInt16BE(0x7000 | counter, 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
