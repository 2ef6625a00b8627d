/** What our own data says about doing something to nodes now. */
import type { Conn } from "#db/client";
import { credentialEvents } from "#db/queries/credential";
import { windowList } from "#db/queries/maintenance-window";
import {
  failuresSince,
  identitiesOf,
  type PlanNodeRow,
  pausesNow,
  planNeighbours,
  poolSizes,
} from "#db/queries/remediation-facts";
import type { SelectorNode } from "#lib/domain/baseline";
import { blastRadius, findStorm, STORM_WINDOW_MS, type Storm } from "#lib/domain/blast-radius";
import { foldCredentials } from "#lib/domain/credential";
import type { RemediationAction } from "#lib/domain/remediation";
import type { RemediationLimits } from "#lib/domain/remediation-limits";
import {
  fleetCheck,
  memberOf,
  type PlanCheck,
  type Residual,
  residualAfter,
  takesAway,
  targetChange,
  type WindowSpan,
  windowsOpenMs,
} from "#lib/domain/remediation-plan";
import { selectorMatches } from "#lib/policy/selector";

/** More windows are never live at a time, see `WINDOW_LIMITS`. */
const WINDOWS_MAX = 500;
/** Events about credentials per node; older ones are all replaced or over. */
const CREDENTIAL_EVENTS = 200;

/** @param own the request that is asked about; `null` = it is not stored */
type Asked = {
  action: RemediationAction;
  nodes: readonly PlanNodeRow[];
  own: string | null;
  /** What is in force; see `limitsInForce`. */
  limits: RemediationLimits;
  now: Date;
};

/** Every condition that our own data decides, kept or not. */
export async function fleetChecks(conn: Conn, trustDomainId: string, asked: Asked): Promise<PlanCheck[]> {
  const { action, nodes, limits, now } = asked;
  return [
    ...lifeChecks(action, nodes),
    ...(takesAway(action) ? await blastChecks(conn, trustDomainId, asked) : []),
    ...(await pauseChecks(conn, trustDomainId, now)),
    ...stormCheck(await stormNow(conn, trustDomainId, limits, now)),
  ];
}

/** One for all nodes that are where they must be, and one for each that is not. */
function lifeChecks(action: RemediationAction, nodes: readonly PlanNodeRow[]): PlanCheck[] {
  const wrong = nodes.flatMap((node) => {
    const sentence = targetChange(action, node, node);
    return sentence === null ? [] : [{ about: node.name, sentence }];
  });
  const base = { rule: "life_cycle", source: "fleet", blocking: true } as const;
  if (wrong.length > 0) return wrong.map((one) => ({ ...base, ...one, ok: false }));
  const sentence = `The life cycle of every node allows the action ${action}.`;
  return [{ ...base, about: "all nodes", ok: true, sentence }];
}

async function blastChecks(
  conn: Conn,
  trustDomainId: string,
  { nodes, own, limits }: Asked,
): Promise<PlanCheck[]> {
  const touched = nodes.map((node) => memberOf(node, limits));
  const pools = [...new Set(touched.map(({ pool }) => pool))];
  const quorum = touched.some((member) => member.quorum !== null);
  const around = await planNeighbours(conn, trustDomainId, { pools, quorum, own, places: limits });
  const members = around.map((node) => memberOf(node, limits));
  return blastRadius(
    members,
    nodes.map(({ nodeId }) => nodeId),
    limits,
  ).map(fleetCheck);
}

async function pauseChecks(conn: Conn, trustDomainId: string, now: Date): Promise<PlanCheck[]> {
  const pauses = await pausesNow(conn, [trustDomainId], now);
  return pauses.map(({ scope, reason, email, expiresAt }) => ({
    rule: "pause",
    source: "fleet",
    about: scope === "all" ? "everything" : "everything automatic",
    ok: scope !== "all",
    blocking: scope === "all",
    sentence: `${email ?? "Touchstone"} holds back ${scope === "all" ? "everything" : "everything automatic"} until ${expiresAt.toISOString()}: ${reason}`,
  }));
}

/** It warns people and holds back only what is automatic: a person may know better. */
function stormCheck(storm: Storm | null): PlanCheck[] {
  if (!storm) return [];
  const { nodes, pools, reason, sinceMs } = storm;
  const where = pools.map((pool) => (pool === "" ? "no pool" : pool)).join(", ");
  const sentence = `${nodes} nodes (${where}) failed alike since ${new Date(sinceMs).toISOString()}: ${reason}. Suspect the baseline or the verifier rather than the nodes.`;
  return [{ rule: "storm", source: "fleet", about: "the fleet", ok: false, blocking: false, sentence }];
}

/** Failures that look like one cause rather than broken nodes; `null` = there are none. */
export async function stormNow(
  conn: Conn,
  trustDomainId: string,
  limits: RemediationLimits,
  now: Date,
): Promise<Storm | null> {
  const since = new Date(now.getTime() - STORM_WINDOW_MS);
  const rows = await failuresSince(conn, trustDomainId, since);
  if (rows.length === 0) return null;
  const moves = rows.map(({ labels, ...move }) => ({ ...move, pool: poolOfLabels(labels, limits) }));
  return findStorm(moves, await poolSizes(conn, trustDomainId, limits), now.getTime(), limits);
}

function poolOfLabels(labels: Record<string, string>, limits: RemediationLimits): string {
  const nowhere = {
    nodeId: "",
    name: "",
    lifecycle: "trusted",
    disposition: "in_service",
    acting: null,
  } as const;
  return memberOf({ ...nowhere, labels }, limits).pool;
}

/** Nodes as selectors see them. */
export async function selectorNodes(
  conn: Conn,
  trustDomainId: string,
  nodes: readonly PlanNodeRow[],
): Promise<SelectorNode[]> {
  const ids = nodes.map(({ nodeId }) => nodeId);
  const byNode = Map.groupBy(await identitiesOf(conn, trustDomainId, ids), ({ nodeId }) => nodeId);
  return nodes.map(({ nodeId, name, labels }) => {
    const byKind = Map.groupBy(byNode.get(nodeId) ?? [], ({ kind }) => kind);
    const identities = Object.fromEntries(
      [...byKind].map(([kind, own]) => [kind, own.map(({ value }) => value)]),
    );
    return { id: nodeId, name, labels, identities };
  });
}

/** When the maintenance windows of all nodes next allow a start; `null` = now. */
export async function opensAtMs(
  conn: Conn,
  trustDomainId: string,
  nodes: readonly PlanNodeRow[],
  now: Date,
): Promise<number | null> {
  const live = { states: ["running", "planned"], now, limit: WINDOWS_MAX } as const;
  const windows = await windowList(conn, [trustDomainId], live);
  if (windows.length === 0) return null;
  const perNode = (await selectorNodes(conn, trustDomainId, nodes)).map((node): WindowSpan[] =>
    windows
      .filter(({ selector }) => selectorMatches(selector, node))
      .map(({ fromAt, toAt }) => ({ fromMs: fromAt.getTime(), toMs: toAt.getTime() })),
  );
  return windowsOpenMs(perNode, now.getTime());
}

/** Until when credentials that the nodes hold may still be accepted. */
export async function residualOf(
  conn: Conn,
  trustDomainId: string,
  nodeIds: readonly string[],
  now: Date,
): Promise<Residual> {
  const point = { asOf: null, knownAt: null, now };
  const events = await credentialEvents(conn, [trustDomainId], nodeIds, point, CREDENTIAL_EVENTS);
  const held = [...Map.groupBy(events, ({ nodeId }) => nodeId).values()].flatMap((own) =>
    foldCredentials(own, now.getTime(), () => null),
  );
  return residualAfter(held, now.getTime());
}
