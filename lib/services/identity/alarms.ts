/** Findings that two parties claim to be one machine. */
import { type IdentityAlarmRow, identityAlarmList } from "#db/queries/identity-alarm";
import type { IdentityAlarmList, IdentityAlarmQuery, IdentityAlarmView } from "#lib/contracts/identity";
import type { AlarmKind } from "#lib/domain/identity";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { iso } from "#lib/services/instant";

export async function identityAlarms(
  ctx: ServiceContext,
  { nodeId, state, limit }: IdentityAlarmQuery,
): Promise<IdentityAlarmList> {
  const scope = readScope(ctx, "fleet:read");
  const filter = { nodeId: nodeId ?? null, openOnly: state === "open", limit };
  const rows = await identityAlarmList(ctx.db, scope, filter);
  return { items: rows.map(alarmView) };
}

function alarmView(row: IdentityAlarmRow): IdentityAlarmView {
  return {
    id: row.id,
    kind: row.kind as AlarmKind,
    nodeId: row.nodeId,
    nodeName: row.nodeName,
    other: row.otherNodeId === null ? null : { nodeId: row.otherNodeId, name: row.otherName ?? "" },
    sourceName: row.sourceName,
    sentence: row.sentence,
    claimed: row.claimed,
    times: row.times,
    firstAt: iso(row.firstAt),
    lastAt: iso(row.lastAt),
    settled:
      row.settledAt === null
        ? null
        : { at: iso(row.settledAt), by: row.settledBy ?? "", reason: row.settledReason ?? "" },
  };
}
