/**
 * IMA measurement logs in their ASCII form: what the running kernel measured before it was used
 * (`/sys/kernel/security/ima/ascii_runtime_measurements`). Lines of the templates `ima`, `ima-ng`,
 * `ima-ngv2`, `ima-sig`, `ima-sigv2` and `ima-buf`.
 */
import { bytesOfHex, isFilledWith } from "./bytes.ts";
import { type Read, unreadable } from "./log-problem.ts";

export const IMA_TEMPLATES = ["ima", "ima-ng", "ima-ngv2", "ima-sig", "ima-sigv2", "ima-buf"] as const;
export type ImaTemplate = (typeof IMA_TEMPLATES)[number];

export type ImaEntry = {
  /** Place in the log, from 0. */
  index: number;
  register: number;
  /** SHA-1 over the entry's fields, as the log states it; all zeros for a violation. */
  templateHash: Uint8Array;
  template: ImaTemplate;
  /** `sha256`; `verity:sha256` and the like for the second versions of templates. */
  algorithm: string;
  digest: Uint8Array;
  /** A file's path, or the name of a buffer. */
  path: string;
  /** Signature of the file (`ima-sig`) or the measured buffer (`ima-buf`); `null` = the template has none. */
  extra: Uint8Array | null;
  /** The file was open for writing while it was measured, so nothing is known about its content. */
  isViolation: boolean;
};

export const MAX_IMA_CHARS = 8 * 1024 * 1024;
export const MAX_IMA_ENTRIES = 100_000;
const MAX_LINE_CHARS = 65_536;
export const TEMPLATE_HASH_BYTES = 20;

export function parseImaLog(text: string): Read<ImaEntry[]> {
  if (text.trim() === "") return unreadable("empty", "no lines");
  if (text.length > MAX_IMA_CHARS) return unreadable("too-large", `${text.length} characters`);
  const entries: ImaEntry[] = [];
  let line = 0;
  for (let start = 0; start < text.length; line++) {
    const newline = text.indexOf("\n", start);
    const end = newline === -1 ? text.length : newline;
    const content = text.slice(start, end).replace(/\r$/, "");
    start = end + 1;
    if (content.trim() === "") continue;
    if (entries.length >= MAX_IMA_ENTRIES)
      return unreadable("too-many-entries", `more than ${MAX_IMA_ENTRIES}`);
    const entry = content.length > MAX_LINE_CHARS ? null : entryOf(content, entries.length);
    if (entry === null) {
      // A last line without its end was cut off; any other is no line of such a log.
      const isCut = newline === -1 && entries.length > 0;
      return unreadable(
        entries.length === 0 ? "not-a-log" : isCut ? "truncated" : "inconsistent",
        `line ${line + 1}`,
      );
    }
    entries.push(entry);
  }
  return { ok: true, log: entries };
}

const LINE = /^ ?(\d{1,2}) ([0-9a-fA-F]{40}) (ima(?:-[a-z0-9]+)?) (\S+) (.*)$/s;

function entryOf(content: string, index: number): ImaEntry | null {
  const match = LINE.exec(content);
  if (match === null) return null;
  const [, register = "", hash = "", name = "", stated = "", rest = ""] = match;
  const template = IMA_TEMPLATES.find((known) => known === name);
  const templateHash = bytesOfHex(hash);
  const digest = digestOf(stated, template);
  if (template === undefined || templateHash === null || digest === null || Number(register) > 31)
    return null;
  const fields = fieldsOf(template, rest);
  if (fields === null) return null;
  return {
    index,
    register: Number(register),
    templateHash,
    template,
    ...digest,
    ...fields,
    isViolation: isFilledWith(templateHash, 0),
  };
}

/** `sha256:<hex>`, `verity:sha256:<hex>`, or bare hex of SHA-1 in the oldest template. */
function digestOf(
  text: string,
  template: string | undefined,
): { algorithm: string; digest: Uint8Array } | null {
  const colon = text.lastIndexOf(":");
  const digest = bytesOfHex(text.slice(colon + 1));
  if (digest === null || digest.length === 0 || digest.length > 128) return null;
  if (template === "ima") return colon === -1 && digest.length === 20 ? { algorithm: "sha1", digest } : null;
  const algorithm = text.slice(0, Math.max(colon, 0));
  return /^(?:[a-z]+:)?[a-z0-9_-]{1,32}$/.test(algorithm) ? { algorithm, digest } : null;
}

/** The path, which may hold spaces, and what the template puts behind it. */
function fieldsOf(template: ImaTemplate, rest: string): { path: string; extra: Uint8Array | null } | null {
  if (template === "ima-buf") {
    const space = rest.lastIndexOf(" ");
    const extra = bytesOfHex(rest.slice(space + 1));
    return space < 1 || extra === null ? null : { path: rest.slice(0, space), extra };
  }
  if (!template.startsWith("ima-sig")) return rest === "" ? null : { path: rest, extra: null };
  // Signatures start with their type: 03 (a signature), 05 (of a verity digest), 06 (portable).
  const signed = /^(.+) ((?:03|05|06)[0-9a-fA-F]{16,})$/s.exec(rest);
  const signature = signed === null ? null : bytesOfHex(signed[2] ?? "");
  const path = signature === null ? rest.replace(/ $/, "") : (signed?.[1] ?? "");
  return path === "" ? null : { path, extra: signature };
}
