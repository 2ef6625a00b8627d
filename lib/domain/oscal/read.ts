/** Reading what somebody hands over: a catalogue, or a profile and the catalogue that it imports. Pure. */
import type { OscalCatalogue } from "./catalogue.ts";
import { rootOf } from "./document.ts";
import { OscalError } from "./place.ts";
import { readCatalogue } from "./read-catalogue.ts";
import { readProfile } from "./read-profile.ts";
import { resolveProfile } from "./resolve-profile.ts";

/** What a profile is read against. */
export type ImportedCatalogue = Pick<OscalCatalogue, "controls" | "withdrawn">;

/**
 * @param document as `JSON.parse` gives it
 * @param imported what a profile imports; `null` = nothing is at hand
 * @throws {OscalError} and nothing else, whatever the document is
 */
export function readOscal(document: unknown, imported: ImportedCatalogue | null): OscalCatalogue {
  const { kind, root } = rootOf(document);
  if (kind === "catalog") {
    if (imported) throw new OscalError("/catalog", "A catalogue imports nothing; hand it over by itself.");
    return readCatalogue(root);
  }
  const profile = readProfile(root);
  if (!imported) {
    throw new OscalError("/profile/imports/0/href", "The catalogue that it imports must be given with it.");
  }
  return resolveProfile(profile, imported);
}
