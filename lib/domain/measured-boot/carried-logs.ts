/** Which logs a received document carries. By the names of members that verifiers are known to use. */
import type { RegisterKind } from "./registers.ts";

export type CarriedLog = {
  /** Where it stands in the document (RFC 6901). */
  pointer: string;
  content: /** A TCG log: base64 of its bytes. */
    | { form: "tcg"; kind: RegisterKind; base64: string }
    /** A TCG log that the verifier has taken apart. */
    | { form: "tcg_json"; kind: RegisterKind; events: readonly unknown[] }
    /** An IMA log, as text or as base64 of it. */
    | { form: "ima"; text: string };
};

const MAX_LOGS = 8;
const MAX_MEMBERS = 20_000;

const BASE64_LOGS: ReadonlyMap<string, RegisterKind> = new Map([
  ["mb_measurement_list", "tpm"],
  ["cc_eventlog", "cc"],
]);

/**
 * The logs of one document, in its order; at most eight, and no deeper than twenty thousand members.
 *
 * @param submod looks only there when the document has submodules and one of this name
 */
export function carriedLogs(document: unknown, submod = ""): CarriedLog[] {
  const own = submod === "" ? undefined : member(member(document, "submods"), submod);
  const found: CarriedLog[] = [];
  const waiting: { value: unknown; pointer: string }[] = [
    own === undefined
      ? { value: document, pointer: "" }
      : { value: own, pointer: `/submods/${escaped(submod)}` },
  ];
  for (let seen = 0; seen < waiting.length && seen < MAX_MEMBERS && found.length < MAX_LOGS; seen++) {
    const { value, pointer } = waiting[seen] ?? { value: null, pointer: "" };
    if (typeof value !== "object" || value === null) continue;
    const log = keylimeEvidence(value, pointer);
    if (log) {
      found.push(log);
      continue;
    }
    for (const [name, inner] of Object.entries(value)) {
      const place = `${pointer}/${escaped(name)}`;
      const content = contentOf(name, inner, pointer);
      if (content) found.push({ pointer: place, content });
      else if (typeof inner === "object" && inner !== null && waiting.length < MAX_MEMBERS) {
        waiting.push({ value: inner, pointer: place });
      }
    }
  }
  return found.slice(0, MAX_LOGS);
}

function contentOf(name: string, value: unknown, parent: string): CarriedLog["content"] | null {
  if (typeof value === "string" && value !== "") {
    const kind = BASE64_LOGS.get(name);
    if (kind !== undefined) return { form: "tcg", kind, base64: value };
    if (name === "ima_measurement_list") return { form: "ima", text: value };
    if (parent.endsWith("/eventLogs") && name === "tpm2") return { form: "tcg", kind: "tpm", base64: value };
    if (parent.endsWith("/eventLogs") && name === "ima") return { form: "ima", text: value };
    return null;
  }
  if (name !== "uefi_event_logs" || !Array.isArray(value)) return null;
  return {
    form: "tcg_json",
    kind: /tdx/i.test(parent) && !/vtpm/i.test(parent) ? "cc" : "tpm",
    events: value,
  };
}

/** Keylime's push protocol: `{evidence_type: "uefi_log", data: {entries}}`. */
function keylimeEvidence(value: object, pointer: string): CarriedLog | null {
  const type = member(value, "evidence_type");
  const entries = member(member(value, "data"), "entries");
  if (typeof entries !== "string" || entries === "") return null;
  const place = `${pointer}/data/entries`;
  if (type === "uefi_log") return { pointer: place, content: { form: "tcg", kind: "tpm", base64: entries } };
  return type === "ima_log" ? { pointer: place, content: { form: "ima", text: entries } } : null;
}

function member(value: unknown, name: string): unknown {
  const isObject = typeof value === "object" && value !== null && Object.hasOwn(value, name);
  return isObject ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

const escaped = (segment: string) => segment.replaceAll("~", "~0").replaceAll("/", "~1");
