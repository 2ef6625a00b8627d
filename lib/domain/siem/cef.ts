/** The Common Event Format: one line per event. */
import type { Severity } from "#lib/domain/ocsf/event";
import type { Outgoing } from "./outgoing.ts";
import { oneLine, wellFormed } from "./text.ts";

const SEVERITIES: Readonly<Record<Severity, number>> = {
  informational: 1,
  low: 3,
  medium: 5,
  high: 8,
  critical: 10,
};

/** A field of the header: a bar would end it, a line end cannot be written. */
export function cefHeader(text: string): string {
  return oneLine(text).replace(/[\\|]/g, "\\$&");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029]+/g;

/** A value of the extension: an equals sign would begin another key, line ends are written as letters. */
export function cefValue(text: string): string {
  return wellFormed(text)
    .replace(/[\\=]/g, "\\$&")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replace(CONTROL, " ");
}

/** @param productVersion of Touchstone; @param url where its pages are, `null` = nowhere to link to */
export function cefLine(outgoing: Outgoing, productVersion: string, url: string | null): string {
  const { type, message, severity, event, node } = outgoing;
  const text = (name: string): string | undefined => {
    const value = event[name];
    return typeof value === "string" ? value : undefined;
  };
  const member = (path: readonly string[]): string | undefined => {
    const value = path.reduce<unknown>(
      (object, name) =>
        object !== null && typeof object === "object" ? (object as Record<string, unknown>)[name] : undefined,
      event,
    );
    return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  };
  const status = member(["unmapped", "trust_status"]);
  const baseline = member(["finding_info", "analytic", "uid"]);
  const extension: readonly (readonly [string, string | undefined])[] = [
    ["rt", String(outgoing.timeMs)],
    ["externalId", outgoing.id],
    ["cat", text("class_name")],
    ["act", text("activity_name")],
    ["outcome", text("status")],
    ["reason", text("status_detail")],
    ["deviceExternalId", node?.id],
    ["dvchost", node?.name],
    ["suid", member(["actor", "user", "uid"]) ?? member(["user", "uid"])],
    ["suser", member(["actor", "user", "name"]) ?? member(["user", "name"])],
    ["src", member(["src_endpoint", "ip"])],
    ["request", url !== null && node ? `${url}/nodes/${node.id}` : undefined],
    ["cn1", String(outgoing.seq)],
    ["cn1Label", "sequence"],
    ["cs1", status],
    ["cs1Label", status && "trustStatus"],
    ["cs2", baseline],
    ["cs2Label", baseline && "baseline"],
    ["msg", message],
  ];
  const header = ["CEF:0", "Touchstone", "Touchstone", productVersion, type, message.slice(0, 512)];
  const fields = [...header.slice(1).map(cefHeader), String(SEVERITIES[severity])];
  const pairs = extension.flatMap(([key, value]) => (value ? [`${key}=${cefValue(value)}`] : []));
  return `CEF:0|${fields.join("|")}|${pairs.join(" ")}`;
}
