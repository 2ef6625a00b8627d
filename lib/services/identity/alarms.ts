/** Findings that two parties claim to be one machine. */
import { type IdentityAlarmRow, identityAlarmList } from "#db/queries/identity-alarm";
import type { IdentityAlarmList, IdentityAlarmQuery, IdentityAlarmView } from "#lib/contracts/identity";
import type { AlarmKind } from "#lib/domain/identity";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { iso } from "#lib/services/instant";
import { timePoint } from "#lib/services/time-point";

/** @throws {ProblemError} `request/invalid` for an instant of the future */
export async function identityAlarms(
  ctx: ServiceContext,
  { nodeId, state, limit, ...query }: IdentityAlarmQuery,
): Promise<IdentityAlarmList> {
  const scope = readScope(ctx, "fleet:read");
  const { used, asOf } = timePoint(ctx, query);
  const filter = { nodeId: nodeId ?? null, openOnly: state === "open", asOf, limit };
  const rows = await identityAlarmList(ctx.db, scope, filter);
  return { asOf: used.asOf, items: rows.map((row) => alarmView(row, asOf === null)) };
}

function alarmView(row: IdentityAlarmRow, counted: boolean): IdentityAlarmView {
  return {
    id: row.id,
    kind: row.kind as AlarmKind,
    nodeId: row.nodeId,
    nodeName: row.nodeName,
    other: row.otherNodeId === null ? null : { nodeId: row.otherNodeId, name: row.otherName ?? "" },
    sourceName: row.sourceName,
    sentence: row.sentence,
    claimed: row.claimed,
    times: counted ? row.times : null,
    firstAt: iso(row.firstAt),
    lastAt: counted ? iso(row.lastAt) : null,
    settled:
      row.settledAt === null
        ? null
        : { at: iso(row.settledAt), by: row.settledBy ?? "", reason: row.settledReason ?? "" },
  };
}
