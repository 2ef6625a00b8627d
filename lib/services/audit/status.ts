/** The logs of the trust domains that somebody may see: how large, signed when, and whether anything contradicts. */
import { checkpointLatest, logKeys, logRead, pendingCount } from "#db/queries/audit-log";
import type { AuditCheck, AuditLogList, AuditLogView } from "#lib/contracts/audit";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { originOf } from "#lib/transparency/take-in";
import { faultSentence, type Verification } from "#lib/transparency/verify";
import { auditRead } from "./record-read.ts";

/** @param problemOf what the file outside the database contradicts, from the composition root */
export async function auditLogs(
  ctx: ServiceContext,
  problemOf: (trustDomainId: string) => Promise<string | null>,
): Promise<AuditLogList> {
  const scope = readScope(ctx, "audit:read");
  const items: AuditLogView[] = [];
  for (const trustDomainId of scope) {
    const log = await logRead(ctx.db, trustDomainId);
    const last = await checkpointLatest(ctx.db, trustDomainId);
    const keys = await logKeys(ctx.db, trustDomainId);
    items.push({
      trustDomainId,
      origin: originOf(trustDomainId),
      size: log?.size ?? 0,
      waiting: await pendingCount(ctx.db, trustDomainId),
      signedAt: last?.at.toISOString() ?? null,
      rootSha256: last?.root.toString("hex") ?? null,
      problem: await problemOf(trustDomainId),
      vkeys: keys.map(({ vkey, createdAt, retireAt }) => ({
        vkey,
        createdAt: createdAt.toISOString(),
        retireAt: retireAt?.toISOString() ?? null,
      })),
    });
  }
  return { items };
}

/**
 * Check every entry of every log in sight, now. Takes as long as there are entries.
 *
 * @param verify one log, from the composition root
 */
export async function checkAuditLogs(
  ctx: ServiceContext,
  verify: (trustDomainId: string) => Promise<Verification>,
): Promise<AuditCheck> {
  const scope = readScope(ctx, "audit:read");
  const logs: AuditCheck["logs"] = [];
  for (const trustDomainId of scope) {
    const { size, checkpoints, fault } = await verify(trustDomainId);
    const told = fault && { seq: fault.index, entryId: fault.entryId, detail: faultSentence(fault) };
    logs.push({ trustDomainId, size, checkpoints, fault: told });
    const after = { size, fault: told?.detail ?? null };
    await auditRead(ctx, "audit.verify", { trustDomainId, entity: "audit", entityId: trustDomainId, after });
  }
  return { checkedAt: ctx.now().toISOString(), logs };
}
