/** What every OSCAL document says of itself. Pure. */
import type { OscalDocument } from "./catalogue.ts";
import { namesOf, needed, OscalError, type Place, textOf, uuidAt } from "./place.ts";
import type { Tally } from "./tally.ts";

const TITLE_CHARS = 300;
const VERSION_CHARS = 100;
/** Versions that have the members that are read here. */
const READABLE = /^1\.\d{1,3}(\.\d{1,3})?(-[\w.]{1,30})?$/;

/** Which of the two documents that say which controls there are it is. @throws {OscalError} */
export function rootOf(document: unknown): { kind: "catalog" | "profile"; root: Place } {
  const at = { value: document, path: "" };
  const names = namesOf(at).filter((name) => name !== "$schema");
  const [kind] = names;
  if (names.length !== 1 || (kind !== "catalog" && kind !== "profile")) {
    throw new OscalError("", "It holds neither one catalog nor one profile of OSCAL.");
  }
  return { kind, root: needed(at, kind) };
}

/** @throws {OscalError} */
export function readDocumentFacts(root: Place, tally: Tally): OscalDocument {
  const metadata = needed(root, "metadata");
  tally.others(metadata, ["title", "version", "oscal-version", "last-modified", "published"]);
  const version = needed(metadata, "oscal-version");
  const oscalVersion = textOf(version, VERSION_CHARS);
  if (!READABLE.test(oscalVersion)) {
    throw new OscalError(version.path, "Only documents of OSCAL 1 are read.");
  }
  return {
    uuid: uuidAt(needed(root, "uuid")),
    title: textOf(needed(metadata, "title"), TITLE_CHARS),
    version: textOf(needed(metadata, "version"), VERSION_CHARS),
    oscalVersion,
  };
}
