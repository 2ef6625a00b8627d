/** Which events of two logs differ, register by register, in words. */
import { align } from "./align.ts";
import { hexOf } from "./bytes.ts";
import { type Described, describeEvent } from "./describe.ts";
import type { BootEvent, EventLog } from "./event-log.ts";
import { type RegisterKind, registerMeaning, registerName } from "./registers.ts";
import { isExtended } from "./replay.ts";
import { sentenceOf } from "./sentences.ts";

export const EVENT_CHANGE_KINDS = ["added", "removed", "changed", "moved"] as const;
export type EventChangeKind = (typeof EVENT_CHANGE_KINDS)[number];

export type EventChange = {
  register: number;
  kind: EventChangeKind;
  /** `Secure Boot switched off`, `grub.cfg changed`. */
  sentence: string;
  /** The event in each log; `null` = it is not there. */
  a: BootEvent | null;
  b: BootEvent | null;
};

export type RegisterDifference = {
  register: number;
  /** `PCR 7` and `Secure Boot`. */
  name: string;
  title: string;
  /** Events that are the same in both. */
  unchanged: number;
  changes: EventChange[];
};

export type Explanation =
  | { comparable: true; bank: string; registers: RegisterDifference[] }
  /** The logs have no hash algorithm in common, or the start of the TPM differs in a way that no event shows. */
  | { comparable: false; reason: string };

/**
 * Everything that makes the registers differ. Only digests decide whether an event is the same: words
 * in a log can be changed without changing a register.
 *
 * @param kind what the registers are called
 */
export function explainDifference(a: EventLog, b: EventLog, kind: RegisterKind = "tpm"): Explanation {
  const bank = commonBank(a, b);
  if (bank === null) return { comparable: false, reason: "the two logs have no hash algorithm in common" };
  const eventsOf = (log: EventLog) => byRegister(log.events, bank.algorithm);
  const [left, right] = [eventsOf(a), eventsOf(b)];
  const numbers = [...new Set([...left.keys(), ...right.keys()])].sort((x, y) => x - y);
  const registers = numbers.map((register) =>
    differenceOf(register, left.get(register) ?? [], right.get(register) ?? [], kind, bank.algorithm),
  );
  const locality = localityChange(a, b);
  if (locality) {
    const first = registers.find(({ register }) => register === 0);
    if (first) first.changes.unshift(locality);
  }
  return {
    comparable: true,
    bank: bank.name,
    registers: registers.filter(({ changes }) => changes.length > 0),
  };
}

/** The bank with the longest digests that both logs have. */
function commonBank(a: EventLog, b: EventLog): { algorithm: number; name: string } | null {
  const shared = a.banks.filter((bank) =>
    b.banks.some(({ algorithm, bytes }) => algorithm === bank.algorithm && bytes === bank.bytes),
  );
  return shared.sort((x, y) => y.bytes - x.bytes)[0] ?? null;
}

function byRegister(events: readonly BootEvent[], algorithm: number): Map<number, BootEvent[]> {
  const found = new Map<number, BootEvent[]>();
  for (const event of events) {
    if (!isExtended(event) || !event.digests.some((one) => one.algorithm === algorithm)) continue;
    const list = found.get(event.register);
    if (list) list.push(event);
    else found.set(event.register, [event]);
  }
  return found;
}

function localityChange(a: EventLog, b: EventLog): EventChange | null {
  const [before, after] = [a.startupLocality ?? 0, b.startupLocality ?? 0];
  if (before === after) return null;
  const sentence = `the TPM was started from locality ${after}, before from ${before}`;
  return { register: 0, kind: "changed", sentence, a: null, b: null };
}

/** An event with all that it is compared by. */
type Entry = { event: BootEvent; print: string; described: Described };

function differenceOf(
  register: number,
  before: readonly BootEvent[],
  after: readonly BootEvent[],
  kind: RegisterKind,
  algorithm: number,
): RegisterDifference {
  const entries = (events: readonly BootEvent[]) =>
    events.map((event): Entry => {
      const digest = event.digests.find((one) => one.algorithm === algorithm)?.digest;
      const print = `${event.type} ${digest ? hexOf(digest) : ""}`;
      return { event, print, described: describeEvent(event) };
    });
  const [left, right] = [entries(before), entries(after)];
  const prints = (list: readonly Entry[]) => list.map(({ print }) => print);
  const matches = align(prints(left), prints(right));
  const matchedA = new Set(matches.map(([i]) => i));
  const matchedB = new Set(matches.map(([, j]) => j));
  const pairs = pairUp(
    left.filter((_, i) => !matchedA.has(i)),
    right.filter((_, j) => !matchedB.has(j)),
  );
  return {
    register,
    name: registerName(kind, register),
    title: registerMeaning(kind, register).title,
    unchanged: matches.length,
    changes: pairs.map(([a, b]) => changeOf(register, a, b)).sort((x, y) => orderOf(x) - orderOf(y)),
  };
}

const orderOf = ({ a, b }: EventChange) => (b ?? a)?.index ?? 0;

type Pair = readonly [a: Entry | null, b: Entry | null];

/** What is left over: the same event in another place, the same thing with another digest, then the rest. */
function pairUp(left: readonly Entry[], right: readonly Entry[]): Pair[] {
  const keys: readonly ((entry: Entry) => string)[] = [
    ({ print }) => print,
    ({ event, described }) => `${event.type} ${described.part} ${described.subject}`,
    ({ event, described }) => `${event.type} ${described.part} ${described.subject.replace(/[\d.]+/g, "#")}`,
    ({ event, described }) => (ONE_OF_A_KIND.has(described.part) ? `${event.type}` : `alone ${event.index}`),
  ];
  const pairs: Pair[] = [];
  let restA = [...left];
  let restB = [...right];
  for (const key of keys) {
    const waiting = new Map<string, { next: number; entries: Entry[] }>();
    for (const entry of restB) {
      const known = waiting.get(key(entry));
      if (known) known.entries.push(entry);
      else waiting.set(key(entry), { next: 0, entries: [entry] });
    }
    const taken = new Set<Entry>();
    restA = restA.filter((entry) => {
      const line = waiting.get(key(entry));
      const other = line?.entries[line.next];
      if (line === undefined || other === undefined) return true;
      line.next += 1;
      taken.add(other);
      pairs.push([entry, other]);
      return false;
    });
    restB = restB.filter((entry) => !taken.has(entry));
  }
  return [...pairs, ...restA.map((a): Pair => [a, null]), ...restB.map((b): Pair => [null, b])];
}

/** Things of which a machine starts one after the other: another one in the same place is a change. */
const ONE_OF_A_KIND: ReadonlySet<Described["part"]> = new Set(["boot_program", "authority"]);

function changeOf(register: number, a: Entry | null, b: Entry | null): EventChange {
  const kind = a === null ? "added" : b === null ? "removed" : a.print === b.print ? "moved" : "changed";
  const sentence = sentenceOf(kind, a?.described ?? null, b?.described ?? null);
  return { register, kind, sentence, a: a?.event ?? null, b: b?.event ?? null };
}
