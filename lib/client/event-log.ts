/** A boot log for the eye: filtered, and grouped by register. */
import type { BootEventView, RegisterCheckView } from "#lib/contracts/event-log";

/** Whether any of its words, its type or a digest contains the text, whatever its case. */
export function matchesEvent({ subject, value, type, digests }: BootEventView, filter: string): boolean {
  const needle = filter.trim().toLowerCase();
  if (needle === "") return true;
  const words = [subject, value ?? "", type, ...digests.map(({ digest }) => digest)];
  return words.some((word) => word.toLowerCase().includes(needle));
}

export type EventGroup = {
  register: number;
  name: string;
  title: string;
  sentence: string;
  /** The worst of its banks; `null` = nothing was extended into it. */
  judgement: RegisterCheckView["judgement"] | null;
  events: BootEventView[];
};

const WORST_FIRST = ["mismatch", "match", "not_replayable", "not_stated"] as const;

/** In the order of the registers; events that extend nothing stand last, as notes. */
export function groupEvents(
  events: readonly BootEventView[],
  checks: readonly RegisterCheckView[],
): EventGroup[] {
  const groups = new Map<number, EventGroup>();
  for (const event of events) {
    const register = event.type === "EV_NO_ACTION" ? NOTES : event.register;
    const group = groups.get(register) ?? emptyGroup(register, checks);
    group.events.push(event);
    groups.set(register, group);
  }
  return [...groups.values()].sort((a, b) => a.register - b.register);
}

const NOTES = Number.MAX_SAFE_INTEGER;

function emptyGroup(register: number, checks: readonly RegisterCheckView[]): EventGroup {
  if (register === NOTES) {
    const sentence = "Written down for information; no register holds them.";
    return { register, name: "Notes", title: "", sentence, judgement: null, events: [] };
  }
  const own = checks.filter((check) => check.register === register);
  const judgement = WORST_FIRST.find((one) => own.some((check) => check.judgement === one)) ?? null;
  const { name = `Register ${register}`, title = "", sentence = "" } = own[0] ?? {};
  return { register, name, title, sentence, judgement, events: [] };
}
