/** Reading what somebody hands over to import. */
import { createHash } from "node:crypto";
import type { Conn } from "#db/client";
import { frameworkControls, frameworkVersions } from "#db/queries/own-framework";
import type { FrameworkBase } from "#db/schema/own-framework";
import type { OscalCatalogue } from "#lib/domain/oscal/catalogue";
import { OscalError } from "#lib/domain/oscal/place";
import { type ImportedCatalogue, readOscal } from "#lib/domain/oscal/read";
import { ProblemError } from "#lib/domain/problems";
import { ownRow } from "#lib/services/compliance/framework-of";

/**
 * Turns the text of a document into a value. Given by the composition root.
 *
 * @param field of the request that the text stood in, for a refusal
 * @throws {ProblemError} `request/invalid` for what is no acceptable JSON
 */
export type OscalReader = (text: string, field: string) => unknown;

export type Upload = { document: string; catalogue: string | null; catalogueOf: string | null };

/** What was read, with the SHA-256 of the text, hex, and what a profile was read against. */
export type ReadUpload = { read: OscalCatalogue; digest: string; base: FrameworkBase | null };

/** @throws {ProblemError} `request/invalid` with the place and the reason; `compliance/unknown-framework` */
export async function readUpload(
  conn: Conn,
  scope: readonly string[],
  { document, catalogue, catalogueOf }: Upload,
  { reader, now }: { reader: OscalReader; now: Date },
): Promise<ReadUpload> {
  if (catalogue !== null && catalogueOf !== null) {
    throw refusal("catalogueOf", "A profile is read against one catalogue: a document or an imported one.");
  }
  const imported =
    catalogue !== null
      ? givenWith(catalogue, reader)
      : catalogueOf !== null
        ? await importedBefore(conn, scope, catalogueOf, now)
        : null;
  const value = reader(document, "document");
  const read = readAt("document", () => readOscal(value, imported?.catalogue ?? null));
  return { read, digest: digestOf(document), base: imported?.base ?? null };
}

type Base = { catalogue: ImportedCatalogue; base: FrameworkBase };

function givenWith(text: string, reader: OscalReader): Base {
  const value = reader(text, "catalogue");
  const catalogue = readAt("catalogue", () => readOscal(value, null));
  const { title, version } = catalogue.document;
  return { catalogue, base: { title, edition: version, digest: digestOf(text) } };
}

/** The newest version: a profile is read against what is known, whatever counts when. */
async function importedBefore(conn: Conn, scope: readonly string[], id: string, now: Date): Promise<Base> {
  const [newest] = await frameworkVersions(conn, await ownRow(conn, scope, id), now);
  if (!newest) throw new Error(`The framework ${id} has no version`);
  const { title, edition, digest, withdrawn } = newest;
  return {
    catalogue: { controls: await frameworkControls(conn, newest), withdrawn },
    base: { title, edition, digest: digest.toString("hex") },
  };
}

function readAt<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof OscalError)) throw error;
    throw refusal(field, `${error.path === "" ? "The document" : error.path}: ${error.message}`);
  }
}

const digestOf = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

function refusal(field: string, detail: string): ProblemError {
  return new ProblemError("request/invalid", detail, { pointers: [{ pointer: `#/${field}`, detail }] });
}
