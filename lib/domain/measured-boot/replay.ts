/** What the registers hold after the events of a log: PCR = hash(PCR before ‖ digest). */
import type { Hash } from "./algorithms.ts";
import type { BootEvent, EventLog } from "./event-log.ts";
import { EV } from "./event-types.ts";

/** Registers that at least one event was extended into, with their values. */
export type ReplayedBank = {
  algorithm: number;
  name: string;
  /** `null` = the caller's hash does not know the algorithm. */
  registers: ReadonlyMap<number, Uint8Array> | null;
};

/** The locality in which a hardware root of trust has measured before the firmware did. */
const HCRTM_LOCALITY = 4;

/** Whether an event changed a register: events for information are only written down. */
export function isExtended({ type }: BootEvent): boolean {
  return type !== EV.NO_ACTION;
}

export function replayEventLog(log: EventLog, hash: Hash): ReplayedBank[] {
  return log.banks.map(({ algorithm, name, bytes }) => {
    if (hash(name, new Uint8Array(0)) === null) return { algorithm, name, registers: null };
    const registers = new Map<number, Uint8Array>();
    for (const event of log.events) {
      const digest = event.digests.find((one) => one.algorithm === algorithm)?.digest;
      if (digest === undefined || !isExtended(event)) continue;
      const before = registers.get(event.register) ?? startValue(event.register, bytes, log);
      const after = hash(name, before, digest);
      if (after !== null) registers.set(event.register, after);
    }
    return { algorithm, name, registers };
  });
}

/** All zeros, but for PCR 0 of a TPM that was started from another locality: that is in its last byte. */
function startValue(register: number, bytes: number, { startupLocality, events }: EventLog): Uint8Array {
  const value = new Uint8Array(bytes);
  if (register !== 0) return value;
  const isHcrtm = events.some(({ type, register: of }) => type === EV.EFI_HCRTM_EVENT && of === 0);
  value[bytes - 1] = startupLocality ?? (isHcrtm ? HCRTM_LOCALITY : 0);
  return value;
}
