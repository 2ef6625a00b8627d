/** The words for where sinks stand and what they are told. */
import type { SinkView } from "#lib/contracts/sink";
import type { FactKind } from "#lib/domain/feed/fact";

export const FACT_WORDS: Readonly<Record<FactKind, string>> = {
  trust: "Trust status of nodes",
  lifecycle: "Steps of a node's life",
  drift: "Drift",
  incident: "Incidents",
  control: "Controls of reports",
  audit: "Everything in the audit log",
};

/** `failing` = the last try failed and it will be tried again. */
export function sinkState({ disabledAt, failures, cursor, lastSeq, lastDeliveredAt }: SinkView): {
  words: string;
  tone: "neutral" | "accent" | "warn" | "danger";
} {
  if (disabledAt !== null) return { words: "Off", tone: "warn" };
  if (failures > 0) return { words: "Failing", tone: "danger" };
  if (cursor < lastSeq) return { words: "Catching up", tone: "warn" };
  return lastDeliveredAt === null
    ? { words: "Nothing told yet", tone: "neutral" }
    : { words: "Up to date", tone: "accent" };
}

/** Facts that it was not told yet. */
export const lagOf = ({ cursor, lastSeq }: SinkView): number => Math.max(0, lastSeq - cursor);
