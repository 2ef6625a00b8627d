/** From a stored connector to one that can be called, and from a node to the connectors that know it. */
import type { Conn, Db } from "#db/client";
import {
  type ConnectorKey,
  type ConnectorNodeRow,
  type ConnectorRow,
  connectorFind,
  connectorNodes,
  connectorsInUse,
  memoryGet,
  memoryPut,
  memoryRemove,
} from "#db/queries/connector";
import { SealError } from "#db/sealing";
import {
  type Connector,
  type ConnectorContext,
  ConnectorError,
  type ConnectorMemory,
  type Target,
} from "#lib/connectors/contract";
import { selectorMatches } from "#lib/policy/selector";
import { type ConnectorTools, callbackUrlOf, secretPlace } from "./tools.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** A connector with everything that its calls need. */
export type OpenConnector = {
  id: string;
  kind: string;
  name: string;
  connector: Connector;
  ctx: ConnectorContext;
};

/** How a call is bounded, and what time it is. */
export type CallBounds = { now: () => Date; signal: AbortSignal };

/**
 * Open a connector of a domain: its settings read, its secrets opened, its way out guarded.
 *
 * @param db a handle of the database and no transaction: what a connector remembers before it acts must outlive
 *   whatever happens then
 * @throws {ConnectorError} `not_found` when it was removed; `refused` when it is disabled, of a kind that this
 *   version does not know, or its settings or secrets cannot be read
 */
export async function openConnector(
  db: Db,
  tools: ConnectorTools,
  key: ConnectorKey,
  bounds: CallBounds,
): Promise<OpenConnector> {
  const row = await connectorFind(db, key);
  if (!row || row.removedAt !== null)
    throw new ConnectorError("not_found", `There is no connector ${key.id}`);
  if (row.disabledAt !== null) throw new ConnectorError("refused", `The connector ${row.name} is disabled`);
  return openRow(db, tools, row, bounds);
}

/** The same for a row that was read, disabled or not. @throws {ConnectorError} as above */
export function openRow(
  db: Conn,
  tools: ConnectorTools,
  row: ConnectorRow,
  { now, signal }: CallBounds,
): OpenConnector {
  const { id, kind, name } = row;
  const known = kindOf(tools, row);
  const settings = known.settings.safeParse(row.settings);
  if (!settings.success)
    throw new ConnectorError("refused", `The settings of the connector ${name} do not fit this version`);
  const secrets = openSecrets(tools, known, row);
  return {
    id,
    kind,
    name,
    connector: withoutSecrets(known, secrets),
    ctx: {
      settings: settings.data,
      secrets,
      request: tools.outbound,
      rpc: tools.rpc,
      memory: memoryOf(db, row, now),
      callbackUrl: callbackUrlOf(tools.origin, id),
      nowMs: now().getTime(),
      sleep: (ms) => tools.sleep(ms, signal),
      signal,
    },
  };
}

function kindOf(tools: ConnectorTools, { kind, name }: ConnectorRow): Connector {
  const known = tools.kinds.find((one) => one.kind === kind);
  if (!known) throw new ConnectorError("refused", `This version knows no kind ${kind}, of which ${name} is`);
  return known;
}

/** @throws {ConnectorError} `refused`, without a word of them */
function openSecrets(
  { sealer }: Pick<ConnectorTools, "sealer">,
  kind: Connector,
  row: ConnectorRow,
): unknown {
  const refuse = (why: string) => new ConnectorError("refused", `The secrets of ${row.name} ${why}`);
  if (row.sealedSecrets === null) throw refuse("were removed");
  try {
    const text = sealer.open(row.sealedSecrets, secretPlace(row)).toString("utf8");
    const parsed = kind.secrets.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
  } catch (error) {
    if (error instanceof SealError) throw refuse("cannot be opened with this installation's key");
    throw error;
  }
  throw refuse("do not fit this version; give them anew");
}

function memoryOf(db: Conn, key: ConnectorKey, now: () => Date): ConnectorMemory {
  return {
    get: (name) => memoryGet(db, key, name),
    put: (name, value) => memoryPut(db, key, { name, value, changedAt: now() }),
    remove: (name) => memoryRemove(db, key, name),
  };
}

/** A connector that is used and knows a node, and what its system calls the node. */
export type ConnectorTarget = {
  connectorId: string;
  kind: string;
  name: string;
  target: Target;
  /** Verbs that it was not set up for. */
  without: readonly string[];
};

/**
 * Which connectors know which nodes. Those that are disabled, whose selector does not mean the node, or whose
 * settings cannot be read any more know none.
 *
 * @returns by node id, each list by name; every node of the domain among those asked for has one
 */
export async function targetsFor(
  conn: Conn,
  { kinds }: Pick<ConnectorTools, "kinds">,
  trustDomainId: string,
  nodeIds: readonly string[],
): Promise<ReadonlyMap<string, readonly ConnectorTarget[]>> {
  const [nodes, rows] = [
    await connectorNodes(conn, trustDomainId, nodeIds),
    await connectorsInUse(conn, trustDomainId),
  ];
  const readable = rows.flatMap((row) => {
    const kind = kinds.find((one) => one.kind === row.kind);
    const settings = kind?.settings.safeParse(row.settings);
    return kind && settings?.success ? [{ row, kind, settings: settings.data }] : [];
  });
  return new Map(
    nodes.map((node) => [
      node.id,
      readable.flatMap(({ row, kind, settings }) => {
        if (!selectorMatches(row.selector, asSelected(node))) return [];
        const { id: nodeId, name, labels, identities } = node;
        const target = kind.targetOf({ nodeId, name, labels, identities }, settings);
        if (target === null) return [];
        const without = kind.without?.(settings) ?? [];
        return [{ connectorId: row.id, kind: row.kind, name: row.name, target, without }];
      }),
    ]),
  );
}

/** The node as selectors see it. */
function asSelected({ id, name, labels, identities }: ConnectorNodeRow) {
  const byKind = Map.groupBy(identities, ({ kind }) => kind);
  const values = [...byKind].map(
    ([kind, held]) => [kind, held.map(({ value }) => value).toSorted()] as const,
  );
  return { id, name, labels, identities: Object.fromEntries(values) };
}
