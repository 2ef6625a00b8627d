/** Whether anything runs on nodes, as far as the systems that know them can say. */
import type { Db } from "#db/client";
import { ConnectorError } from "#lib/connectors/contract";
import type { PlanCheck } from "#lib/domain/remediation-plan";
import { type ConnectorTarget, openConnector, targetsFor } from "#lib/services/connector/open";
import type { ConnectorTools } from "#lib/services/connector/tools";

export type Bounds = { now: () => Date; signal: AbortSignal };

/** Names that a sentence gives. */
const NAMED = 5;

type Asked = { trustDomainId: string; nodes: readonly { nodeId: string; name: string }[] };

/**
 * One check for each node and each connector that can say what runs there. Reads only. Whoever could say and does not
 * answer has not said that nothing runs.
 */
export async function idleChecks(
  db: Db,
  tools: ConnectorTools,
  { trustDomainId, nodes }: Asked,
  bounds: Bounds,
): Promise<PlanCheck[]> {
  const ids = nodes.map(({ nodeId }) => nodeId);
  const known = await targetsFor(db, tools, trustDomainId, ids);
  const able = tools.kinds.filter(({ workloads }) => workloads !== undefined).map(({ kind }) => kind);
  const checks: PlanCheck[] = [];
  for (const { nodeId, name } of nodes)
    for (const by of known.get(nodeId) ?? [])
      if (able.includes(by.kind))
        checks.push(await idleCheck(db, tools, { trustDomainId, name, by }, bounds));
  return checks;
}

async function idleCheck(
  db: Db,
  tools: ConnectorTools,
  { trustDomainId, name, by }: { trustDomainId: string; name: string; by: ConnectorTarget },
  bounds: Bounds,
): Promise<PlanCheck> {
  const base = { rule: "drill/idle", source: "target", about: name, blocking: true } as const;
  try {
    bounds.signal.throwIfAborted();
    const key = { trustDomainId, id: by.connectorId };
    const { connector, ctx } = await openConnector(db, tools, key, bounds);
    const runs = (await connector.workloads?.(ctx, by.target)) ?? [];
    return runs.length === 0
      ? { ...base, ok: true, sentence: `Nothing runs on ${name} that would have to go elsewhere.` }
      : { ...base, ok: false, sentence: `${runningWords(runs)} on ${name}: no recipe is drilled on it.` };
  } catch (error) {
    if (!(error instanceof ConnectorError) && !bounds.signal.aborted) throw error;
    const why = error instanceof ConnectorError ? error.message : "there was no answer in time";
    return { ...base, ok: false, sentence: `Whether anything runs on ${name} is not known: ${why}` };
  }
}

function runningWords(runs: readonly string[]): string {
  const more = runs.length - NAMED;
  const named = runs.slice(0, NAMED).join(", ");
  return `${named}${more > 0 ? ` and ${more} more` : ""} ${runs.length === 1 ? "runs" : "run"}`;
}
