/** What both OSCAL documents of a report are made of. Pure. */
import { createHash } from "node:crypto";
import { toHex } from "#lib/domain/merkle/bytes";
import type { ReportFramework, ReportSnapshot } from "#lib/domain/report/snapshot";

const OSCAL_VERSION = "1.2.2";

/** Namespace of names of our own. */
const NS = "urn:touchstone:oscal";

/** Namespace of our name-based UUIDs: OSCAL takes only those of versions 4 and 5, and ours are of version 7. */
const UUID_NAMESPACE = "3e0b0d52-6b0e-5c64-9d43-0f7a3f4f3c1e";

/** The UUID that a name always has (RFC 9562, version 5). */
export function uuidOf(...name: readonly string[]): string {
  const space = Buffer.from(UUID_NAMESPACE.replaceAll("-", ""), "hex");
  // JSON keeps the parts of a name apart, whatever they hold.
  const bytes = createHash("sha1")
    .update(space)
    .update(JSON.stringify(name), "utf8")
    .digest()
    .subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = toHex(bytes);
  const cuts = [0, 8, 12, 16, 20, 32];
  return cuts
    .slice(1)
    .map((end, n) => hex.slice(cuts[n], end))
    .join("-");
}

const NIST = "nist-800-53-r5";

/**
 * A control's id as OSCAL takes it: a token that begins with a letter.
 *
 * Controls of NIST SP 800-53 get the id of NIST's own catalogue, `SI-7(9)` being `si-7.9`. Those of an imported
 * framework have the id of its document.
 */
export function controlToken(
  { id: framework, source }: Pick<ReportFramework, "id" | "source">,
  id: string,
): string {
  if (source) return id;
  const plain = id.toLowerCase();
  if (framework === NIST) return plain.replaceAll("(", ".").replaceAll(")", "");
  return `${framework}_${plain.replaceAll(/[^a-z0-9.-]+/g, "-")}`;
}

/** Where a finding points at: the statement of the control as a whole. */
export const statementToken = (token: string): string => `${token}_smt`;

/** Text of people in a markup field: what it holds is shown, and makes no link, image or heading. */
export function markup(text: string): string {
  return oneLine(text).replaceAll(/[\\`*_{}[\]<>()#|~^$"!&]/g, (char) => `\\${char}`);
}

/** One line without edges of space, as strings of OSCAL are; nothing becomes a dash. */
export function oneLine(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();
  return line === "" ? "–" : line;
}

export function prop(name: string, value: string) {
  return { name, ns: NS, value: oneLine(value) };
}

/** A member that is left out when it would be an empty list, which OSCAL does not take. */
export function listed<K extends string, T>(name: K, items: readonly T[]): Partial<Record<K, readonly T[]>> {
  return items.length === 0 ? {} : ({ [name]: items } as Record<K, readonly T[]>);
}

export function metadataOf(snapshot: ReportSnapshot, title: string) {
  return {
    title: markup(title),
    "last-modified": snapshot.generatedAt,
    version: "1",
    "oscal-version": OSCAL_VERSION,
    props: [
      prop("report-id", snapshot.id),
      prop("known-at", snapshot.knownAt),
      prop("catalogue-version", snapshot.catalogueVersion),
      ...(snapshot.framework ? [prop("mapping-version", snapshot.framework.mappingVersion)] : []),
    ],
  };
}

/** The product as a component; the same in both documents and in every report. */
export const TOOL = {
  uuid: uuidOf("component", "touchstone"),
  type: "software",
  title: "Touchstone",
  description: "Keeps the history of which machines could be trusted, when and why, and measures it.",
} as const;

/**
 * Something that both documents point at, which is no file that we could give: of an imported framework it says by id
 * and digest which document it is.
 */
export function frameworkResource(framework: ReportFramework) {
  const { id, title, edition, source } = framework;
  const caution = framework.caution === null ? "" : ` ${framework.caution}`;
  const lines = source
    ? `Controls are named by the ids of this OSCAL ${source.kind}.`
    : "Controls are named by the ids of this framework. Their one-line descriptions are not its text.";
  return {
    uuid: uuidOf("framework", id, ...(source ? [source.digest] : [])),
    title: markup(`${title}, ${edition}`),
    description: `${lines}${caution}`,
    ...(source && {
      props: [
        prop("document-uuid", source.uuid),
        prop("document-sha-256", source.digest),
        prop("document-oscal-version", source.oscalVersion),
        prop("imported-version", String(source.version)),
      ],
      "document-ids": [{ identifier: source.uuid }],
    }),
  };
}
