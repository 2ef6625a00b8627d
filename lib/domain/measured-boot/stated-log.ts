/**
 * Event logs that a verifier has taken apart already: an array of events in JSON, as Trustee and Intel
 * Trust Authority write them (`uefi_event_logs`).
 */
import { type Bank, bankByName } from "./algorithms.ts";
import { bytesOfBase64, bytesOfHex } from "./bytes.ts";
import { type BootEvent, type EventDigest, type EventLog, MAX_LOG_EVENTS } from "./event-log.ts";
import { eventTypeByName } from "./event-types.ts";
import { type Read, unreadable } from "./log-problem.ts";

const UNKNOWN_TYPE = 0xffffffff;
const MAX_REGISTER = 31;

/** The same model as a binary log; a type with a name that is not known here is kept as unknown. */
export function readStatedLog(value: readonly unknown[]): Read<EventLog> {
  if (value.length === 0) return unreadable("empty", "no events");
  if (value.length > MAX_LOG_EVENTS) return unreadable("too-many-entries", `${value.length} events`);
  const banks = new Map<number, Bank>();
  const events: BootEvent[] = [];
  for (const [index, item] of value.entries()) {
    const event = eventOf(item, index, banks);
    if (event === null) return unreadable(index === 0 ? "not-a-log" : "inconsistent", `event ${index}`);
    events.push(event);
  }
  if (banks.size === 0) return unreadable("not-a-log", "no event has a digest");
  return {
    ok: true,
    log: { format: "crypto-agile", banks: [...banks.values()], startupLocality: null, events },
  };
}

function eventOf(item: unknown, index: number, banks: Map<number, Bank>): BootEvent | null {
  const register = member(item, "index");
  const name = member(item, "type_name");
  const data = bytesOfText(member(item, "event"), bytesOfBase64);
  const stated = member(item, "digests");
  if (typeof register !== "number" || !Number.isInteger(register) || register < 0 || register > MAX_REGISTER)
    return null;
  if (typeof name !== "string" || data === null || !Array.isArray(stated) || stated.length > 16) return null;
  const digests: EventDigest[] = [];
  for (const one of stated) {
    const algorithm = member(one, "alg");
    const bank = typeof algorithm === "string" ? bankByName(algorithm) : null;
    const digest = bytesOfText(member(one, "digest"), bytesOfHex);
    // An algorithm that is not known here cannot be replayed; the others still can.
    if (bank === null) continue;
    if (digest?.byteLength !== bank.bytes || digests.some((other) => other.algorithm === bank.algorithm))
      return null;
    banks.set(bank.algorithm, bank);
    digests.push({ algorithm: bank.algorithm, digest });
  }
  return { index, register, type: eventTypeByName(name) ?? UNKNOWN_TYPE, digests, data };
}

function member(value: unknown, name: string): unknown {
  const isObject = typeof value === "object" && value !== null && Object.hasOwn(value, name);
  return isObject ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

function bytesOfText(value: unknown, read: (text: string) => Uint8Array | null): Uint8Array | null {
  if (value === undefined || value === null) return new Uint8Array(0);
  return typeof value === "string" ? read(value) : null;
}
