/** What importing a document would do; nothing is stored. */
import {
  type FrameworkKey,
  frameworkControls,
  frameworkVersions,
  type ListedVersion,
  mappingsAt,
} from "#db/queries/own-framework";
import { type FrameworkPreview, ReadFrameworkBody } from "#lib/contracts/own-framework";
import type { OscalControl } from "#lib/domain/oscal/catalogue";
import { compareControls } from "#lib/domain/oscal/compare";
import { lineOf } from "#lib/domain/oscal/param";
import { ownRow, requireInUse } from "#lib/services/compliance/framework-of";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { parseInput } from "#lib/services/input";
import { type OscalReader, readUpload } from "./read-upload.ts";

/** Controls of one kind that are named. */
const NAMED = 200;

/**
 * @param reader from the composition root
 * @throws {ProblemError} `request/invalid` with the place and the reason; `compliance/unknown-framework`,
 *   `compliance/framework-retired`
 */
export async function previewFramework(
  ctx: ServiceContext,
  input: ReadFrameworkBody,
  reader: OscalReader,
): Promise<FrameworkPreview> {
  const scope = readScope(ctx, "compliance:manage");
  const { framework, ...upload } = parseInput(ReadFrameworkBody, input);
  const now = ctx.now();
  const row = framework === null ? null : await ownRow(ctx.db, scope, framework);
  if (row) requireInUse(row);
  const { read, digest, base } = await readUpload(ctx.db, scope, upload, { reader, now });
  const [newest] = row ? await frameworkVersions(ctx.db, row, now) : [];
  const before = newest ? await frameworkControls(ctx.db, newest) : [];
  const { added, changed, gone } = compareControls(before, read.controls);
  const mapped = row ? await mappedControls(ctx, row, now) : new Set<string>();
  const { kind, document, controls, withdrawn, notRead } = read;
  return {
    document: {
      ...{ kind, title: document.title, edition: document.version, oscalVersion: document.oscalVersion },
      ...{ uuid: document.uuid, digest },
    },
    base,
    version: newest?.version ?? 0,
    same: newest !== undefined && isSame(newest, digest, base),
    controls: controls.length,
    withdrawn: withdrawn.length,
    added: some(added, controls),
    changed: some(changed, controls),
    gone: some(gone, before),
    lost: some(
      gone.filter((id) => mapped.has(id)),
      before,
    ),
    notRead: [...notRead],
  };
}

async function mappedControls({ db }: ServiceContext, key: FrameworkKey, now: Date): Promise<Set<string>> {
  const rows = await mappingsAt(db, key, now);
  return new Set(rows.filter(({ kind }) => kind !== "cleared").map(({ control }) => control));
}

function isSame(newest: ListedVersion, digest: string, base: { digest: string } | null): boolean {
  return newest.digest.toString("hex") === digest && newest.base?.digest === base?.digest;
}

function some(ids: readonly string[], controls: readonly OscalControl[]): FrameworkPreview["added"] {
  const wanted = new Set(ids.slice(0, NAMED));
  const items = controls.filter(({ id }) => wanted.has(id));
  return { count: ids.length, items: items.map((control) => ({ id: control.id, line: lineOf(control) })) };
}
