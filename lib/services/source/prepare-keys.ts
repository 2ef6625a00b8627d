/** First step of a rotation: the new key is believed before anybody signs with it. */
import { z } from "zod";
import type { SourceKeyRow } from "#db/queries/source";
import { sourceKeyInsert, sourceLock } from "#db/queries/source";
import { sourceKeysOf } from "#db/queries/source-key";
import { SealError, type Sealer } from "#db/sealing";
import { PrepareKeysBody, type SourceKeyList } from "#lib/contracts/source";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import type { SourceKind } from "./kinds.ts";
import { auditedKey, type HandedKey, keyRowsOf, readKeys } from "./register-keys.ts";
import { sourceKeyView } from "./view.ts";

/** Prepared and active keys of one source. Signatures name no secret, so all of those have to be tried. */
const LIVE_MAX = { secrets: 6, publicKeys: 20 };

/**
 * Register keys as prepared.
 *
 * @throws {ProblemError} `source/not-found`; `request/invalid` for a bad key or none; `key/taken` for a
 *   kid or a secret that the source has or had; `key/too-many`
 */
export function prepareKeys(
  ctx: ServiceContext,
  body: PrepareKeysBody & { sourceId: string },
  { kinds, sealer }: { kinds: readonly SourceKind[]; sealer: Sealer },
): Promise<SourceKeyList> {
  const prepare = command({
    name: "source_key.prepare",
    permission: "source:manage",
    input: PrepareKeysBody.extend({ sourceId: z.uuid() }),
    target: ({ sourceId }) => sourceId,
    async run(tx, { actor, now }, { sourceId, ...handed }) {
      const source = await sourceLock(tx, actor.trustDomainIds, sourceId);
      if (!source) throw new ProblemError("source/not-found", `No source ${sourceId}.`);
      const kind = kinds.find((known) => known.kind === source.kind);
      if (!kind) throw new ProblemError("request/invalid", `This version knows no kind "${source.kind}".`);
      const keys = readKeys(kind, handed);
      if (keys.length === 0) throw new ProblemError("request/invalid", "Give a public key or a secret.");
      const place = { trustDomainId: source.trustDomainId, sourceId };
      const known = await sourceKeysOf(tx, place);
      for (const key of keys) requireNew(key, known, sealer);
      requireRoom(kind, known, keys.length);
      const rows = keyRowsOf(keys, place, "prepared", now(), sealer);
      await sourceKeyInsert(tx, rows);
      return {
        result: { items: rows.map((row) => sourceKeyView(row)) },
        audit: {
          trustDomainId: source.trustDomainId,
          entity: "source_key",
          entityId: sourceId,
          before: null,
          after: { keys: rows.map(auditedKey) },
        },
      };
    },
  });
  return prepare(ctx, body);
}

/** A key that was ever retired or distrusted must not come back under a fresh state, by name or by content. */
function requireNew(key: HandedKey, known: readonly SourceKeyRow[], sealer: Sealer): void {
  const twin = known.find((row) => row.kid === key.kid || isSame(key, row, sealer));
  if (!twin) return;
  throw new ProblemError("key/taken", `The source has this key already, as ${twin.kid} (${twin.state}).`);
}

function isSame(key: HandedKey, row: SourceKeyRow, sealer: Sealer): boolean {
  if ("jwk" in key) return row.jwk !== null && memberText(row.jwk) === memberText(key.jwk);
  if (row.sealedSecret === null) return false;
  try {
    return sealer.open(row.sealedSecret, row).equals(key.secret);
  } catch (error) {
    // Whoever lost the master key registers new secrets, and must be able to.
    if (error instanceof SealError) return false;
    throw error;
  }
}

/** The database keeps members in an order of its own. */
function memberText(jwk: Record<string, string>): string {
  return JSON.stringify(Object.entries(jwk).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function requireRoom({ secrets }: SourceKind, known: readonly SourceKeyRow[], more: number): void {
  const max = secrets ? LIVE_MAX.secrets : LIVE_MAX.publicKeys;
  const live = known.filter(({ state }) => state === "active" || state === "prepared").length;
  if (live + more <= max) return;
  const detail = `At most ${max} keys can be prepared or active at a time, and ${live} are. Retire one first.`;
  throw new ProblemError("key/too-many", detail);
}
