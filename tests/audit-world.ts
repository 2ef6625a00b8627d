/** A log of audit entries for tests and proofs: written by commands, taken in, with its file. */
import { randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Conn, Db } from "#db/client";
import { auditInsert } from "#db/queries/audit";
import { uuidv7 } from "#lib/services/uuidv7";
import { checkpointFile } from "#lib/transparency/checkpoint-file";
import { type LogKeeper, takeIn } from "#lib/transparency/take-in";
import { testSealer } from "#tests/sealer";

export type AuditWorld = Awaited<ReturnType<typeof makeAuditWorld>>;

type Place = { dataDir?: string; sealer?: LogKeeper["sealer"] };

/** The log of this trust domain, empty in a new database; without a directory for the file it gets one of its own. */
export async function makeAuditWorld(db: Db, trustDomainId: string, startMs: number, place: Place = {}) {
  const dataDir = place.dataDir ?? (await mkdtemp(join(tmpdir(), "touchstone-audit-")));
  const clock = { ms: startMs };
  const keeper: LogKeeper = {
    db,
    sealer: place.sealer ?? testSealer(),
    dataDir,
    now: () => new Date(clock.ms),
  };
  const write = async (conn: Conn = db, note: Partial<{ action: string; after: unknown }> = {}) => {
    clock.ms += 1_000;
    const at = new Date(clock.ms);
    const id = uuidv7(at);
    await auditInsert(conn, {
      trustDomainId,
      id,
      at,
      actorKind: "user",
      actorId: "somebody",
      action: note.action ?? "source.create",
      entity: "source",
      entityId: randomBytes(4).toString("hex"),
      outcome: "done",
      before: null,
      after: note.after ?? { name: `of ${id}` },
      requestId: "request",
      address: "192.0.2.7",
    });
    return id;
  };
  return {
    db,
    trustDomainId,
    dataDir,
    clock,
    keeper,
    file: checkpointFile(dataDir, trustDomainId),
    write,
    takeIn: () => takeIn(keeper, trustDomainId),
    /** So many entries, a checkpoint after each `per`. */
    async fill(count: number, per: number) {
      for (let n = 1; n <= count; n += 1) {
        await write();
        if (n % per === 0 || n === count) await takeIn(keeper, trustDomainId);
      }
    },
  };
}
