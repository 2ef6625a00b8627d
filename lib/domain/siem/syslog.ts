/** Syslog messages (RFC 5424), framed for streams by their length (RFC 6587, RFC 5425). */
import { isoInstant } from "#lib/domain/iso-instant";
import type { Severity } from "#lib/domain/ocsf/event";
import type { Outgoing } from "./outgoing.ts";
import { oneLine } from "./text.ts";

/** Log audit. */
const FACILITY = 13;
const SEVERITIES: Readonly<Record<Severity, number>> = {
  informational: 6,
  low: 5,
  medium: 4,
  high: 3,
  critical: 2,
};
const BOM = "\ufeff";

/** A value of structured data: what would end it is escaped. */
export function sdValue(text: string): string {
  return oneLine(text).replace(/["\\\]]/g, "\\$&");
}

/** A field of the header: printable ASCII without spaces, or a dash. */
function headerField(text: string, maxLength: number): string {
  return text.replace(/[^\x21-\x7e]+/g, "_").slice(0, maxLength) || "-";
}

export type SyslogIdentity = {
  /** Host that the messages come from. */
  host: string;
  /** Private enterprise number of the operator, which the name of the structured data needs. */
  enterprise: number;
};

/**
 * One message without its frame.
 *
 * @param body what follows the structured data; `isText` = for people, and marked as UTF-8
 */
export function syslogMessage(
  outgoing: Outgoing,
  { host, enterprise }: SyslogIdentity,
  { body, isText }: { body: string; isText: boolean },
): string {
  const { severity, type, id, seq, node, trustDomainId, timeMs } = outgoing;
  const priority = FACILITY * 8 + SEVERITIES[severity];
  const messageId = headerField(type.replace(/\.v\d+$/, ""), 32);
  const data = [
    ["id", id],
    ["seq", String(seq)],
    ["domain", trustDomainId],
    ...(node ? [["node", node.id] as const, ["name", node.name] as const] : []),
  ] as const;
  const structured = `[ts@${enterprise} ${data.map(([name, value]) => `${name}="${sdValue(value)}"`).join(" ")}]`;
  const header = `<${priority}>1 ${isoInstant(timeMs)} ${headerField(host, 255)} touchstone - ${messageId}`;
  return `${header} ${structured} ${isText ? BOM : ""}${oneLine(body)}`;
}

/** A message as it goes over a stream: its length in bytes of UTF-8 first. */
export function framed(message: string, byteLengthOf: (text: string) => number): string {
  return `${byteLengthOf(message)} ${message}`;
}
