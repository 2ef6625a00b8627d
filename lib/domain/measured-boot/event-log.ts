/**
 * TCG event logs: what firmware and boot loaders measured, in order (PC Client Platform Firmware
 * Profile, section 10).
 *
 * A reader for explanation. The log is a claim of the node: it becomes worth something where its
 * replay equals registers that a verifier vouches for.
 */
import { type Bank, bankOf, SHA1 } from "./algorithms.ts";
import { ByteReader, utf8Of } from "./bytes.ts";
import { EV } from "./event-types.ts";
import { type Read, unreadable } from "./log-problem.ts";

/** A digest of one event in one bank. */
export type EventDigest = { algorithm: number; digest: Uint8Array };

export type BootEvent = {
  /** Place in the log, from 0; the header of a crypto-agile log is event 0. */
  index: number;
  /** PCR that it was extended into; of a confidential guest, the register as the log numbers it. */
  register: number;
  type: number;
  digests: readonly EventDigest[];
  /** What was measured, in words that no register proves by themselves. A view into the log. */
  data: Uint8Array;
};

export type EventLog = {
  format: "sha1" | "crypto-agile";
  banks: readonly Bank[];
  /** Locality in which the TPM was started; `null` = the log does not say, which means 0. */
  startupLocality: number | null;
  events: readonly BootEvent[];
};

export const MAX_LOG_BYTES = 4 * 1024 * 1024;
export const MAX_LOG_EVENTS = 20_000;
const MAX_BANKS = 16;
const MAX_DIGEST_BYTES = 128;
const MAX_REGISTER = 31;
const SHA1_BYTES = 20;
const SPEC_ID_AGILE = "Spec ID Event03";
const STARTUP_LOCALITY = "StartupLocality";

/** Read a binary log of either format; whatever the bytes are, the answer is a value. */
export function parseEventLog(bytes: Uint8Array): Read<EventLog> {
  if (bytes.byteLength === 0) return unreadable("empty", "0 bytes");
  if (bytes.byteLength > MAX_LOG_BYTES) return unreadable("too-large", `${bytes.byteLength} bytes`);
  const reader = new ByteReader(bytes);
  const first = readSha1Event(reader, 0);
  if (first === null || first.register > MAX_REGISTER) return unreadable("not-a-log", "the first entry");
  const isAgile = first.type === EV.NO_ACTION && utf8Of(first.data) === SPEC_ID_AGILE;
  if (!isAgile && !startsLikeALog(first)) return unreadable("not-a-log", "the first entry");
  const banks = isAgile ? banksOf(first.data) : [bankOf(SHA1, SHA1_BYTES)];
  if (banks === null) return unreadable("inconsistent", "the algorithms in the header");

  const sizes = new Map(banks.map((bank) => [bank.algorithm, bank.bytes]));
  const events: BootEvent[] = [first];
  // An entry can end in zeros itself, so the end may lie inside the last one, and never before it.
  const end = endOfEntries(bytes);
  while (reader.at < end) {
    if (events.length >= MAX_LOG_EVENTS) return unreadable("too-many-entries", `more than ${MAX_LOG_EVENTS}`);
    const at = reader.at;
    const event = isAgile
      ? readAgileEvent(reader, events.length, sizes)
      : readSha1Event(reader, events.length);
    const where = `entry ${events.length}, byte ${at} of ${bytes.byteLength}`;
    if (event === null) return unreadable("truncated", where);
    if (event === "inconsistent" || (event.register > MAX_REGISTER && event.type !== EV.NO_ACTION)) {
      return unreadable("inconsistent", where);
    }
    events.push(event);
  }
  const format = isAgile ? "crypto-agile" : "sha1";
  return { ok: true, log: { format, banks, startupLocality: startupLocalityOf(events), events } };
}

/** The log of a machine without crypto agility starts with a header or with a register of the firmware. */
function startsLikeALog({ type, register }: BootEvent): boolean {
  const isFirmwareType = type <= 0x13 || (type >= 0x80000001 && type <= 0x800000ff);
  return isFirmwareType && register <= MAX_REGISTER;
}

function readSha1Event(reader: ByteReader, index: number): BootEvent | null {
  const register = reader.u32();
  const type = reader.u32();
  const digest = reader.take(SHA1_BYTES);
  const size = reader.u32();
  if (register === null || type === null || digest === null || size === null) return null;
  const data = reader.take(size);
  return data && { index, register, type, digests: [{ algorithm: SHA1, digest }], data };
}

function readAgileEvent(
  reader: ByteReader,
  index: number,
  sizes: ReadonlyMap<number, number>,
): BootEvent | "inconsistent" | null {
  const register = reader.u32();
  const type = reader.u32();
  const count = reader.u32();
  if (register === null || type === null || count === null) return null;
  if (count > sizes.size) return "inconsistent";
  const digests: EventDigest[] = [];
  for (let i = 0; i < count; i++) {
    const algorithm = reader.u16();
    if (algorithm === null) return null;
    const bytes = sizes.get(algorithm);
    if (bytes === undefined || digests.some((other) => other.algorithm === algorithm)) return "inconsistent";
    const digest = reader.take(bytes);
    if (digest === null) return null;
    digests.push({ algorithm, digest });
  }
  const size = reader.u32();
  const data = size === null ? null : reader.take(size);
  return data && { index, register, type, digests, data };
}

/** The algorithms that a crypto-agile header declares, with their sizes; `null` when it makes no sense. */
function banksOf(header: Uint8Array): Bank[] | null {
  // Signature 16, platform class 4, version minor, major, errata, size of uintn.
  const reader = new ByteReader(header, Math.min(24, header.byteLength));
  const count = reader.u32();
  if (count === null || count < 1 || count > MAX_BANKS) return null;
  const banks: Bank[] = [];
  for (let i = 0; i < count; i++) {
    const algorithm = reader.u16();
    const bytes = reader.u16();
    if (algorithm === null || bytes === null || bytes < 1 || bytes > MAX_DIGEST_BYTES) return null;
    if (banks.some((bank) => bank.algorithm === algorithm)) return null;
    banks.push(bankOf(algorithm, bytes));
  }
  return banks;
}

/**
 * Where the filling begins: tables that firmware hands over are larger than the log in them, and the
 * rest is all 0 or all 0xFF. The length of the bytes when there is none. Looked for once, from the end.
 */
function endOfEntries(bytes: Uint8Array): number {
  const filler = bytes.at(-1);
  if (filler !== 0 && filler !== 0xff) return bytes.length;
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === filler) end -= 1;
  return end;
}

function startupLocalityOf(events: readonly BootEvent[]): number | null {
  const event = events.find(
    ({ type, register, data }) =>
      type === EV.NO_ACTION &&
      register === 0 &&
      data.length >= 17 &&
      utf8Of(data.subarray(0, 16)) === STARTUP_LOCALITY,
  );
  return event?.data[16] ?? null;
}
