/** Asking a connector's system whether it is there and whether we have the rights. */
import { connectorRows, connectorSet } from "#db/queries/connector";
import type { StoredTest } from "#db/schema/connector";
import { ConnectorError } from "#lib/connectors/contract";
import { ConnectorParams, type ConnectorTestView } from "#lib/contracts/connector";
import { narrowed } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { aboutConnector, lockConnector } from "./find.ts";
import { openRow } from "./open.ts";
import type { ConnectorTools } from "./tools.ts";

const MAX_CHECKS = 50;
const MAX_DETAIL_CHARS = 300;

/**
 * Test a connector, disabled or not, and keep how it went. A system that fails is a result and no failure of the
 * request.
 *
 * @throws {ProblemError} `connector/not-found`; `connector/changed` when it was changed while the test ran
 */
export async function testConnector(
  ctx: ServiceContext,
  tools: ConnectorTools,
  { connectorId }: { connectorId: string },
  signal: AbortSignal,
): Promise<ConnectorTestView> {
  // Outside of the transaction that keeps it: another system takes its time.
  const scope = narrowed(ctx.actor, "connector:manage").trustDomainIds;
  const [found] = await connectorRows(ctx.db, scope, connectorId);
  const seen = found && {
    changedAt: found.connector.changedAt.getTime(),
    test: await testOf(() => {
      const { connector, ctx: given } = openRow(ctx.db, tools, found.connector, { now: ctx.now, signal });
      return connector.test(given);
    }),
  };
  const keep = command({
    name: "connector.test",
    permission: "connector:manage",
    input: ConnectorParams,
    target: (input) => input.connectorId,
    async run(tx, { actor, now }, input) {
      const row = await lockConnector(tx, actor, input.connectorId);
      if (seen?.changedAt !== row.changedAt.getTime())
        throw new ProblemError("connector/changed", "It was changed while the test ran. Test it again.");
      const at = now();
      await connectorSet(tx, row, { testedAt: at, test: seen.test });
      const result = { at: at.toISOString(), ...seen.test };
      return { result, audit: { ...aboutConnector(row), before: null, after: seen.test } };
    },
  });
  return keep(ctx, { connectorId });
}

async function testOf(run: () => Promise<StoredTest["checks"] | readonly StoredTest["checks"][number][]>) {
  const checks = await run().catch((error: unknown): StoredTest["checks"] => {
    if (!(error instanceof ConnectorError)) throw error;
    return [{ name: "The system answers", ok: false, blocking: true, detail: error.message }];
  });
  const kept = checks
    .slice(0, MAX_CHECKS)
    .map((check) => ({ ...check, detail: check.detail.slice(0, MAX_DETAIL_CHARS) }));
  return { ok: !kept.some(({ ok, blocking }) => blocking && !ok), checks: kept };
}
