/** Finding the connector that something is to be done to, and what every change of one needs. */
import type { Tx } from "#db/client";
import { type ConnectorRow, connectorLock, connectorRows } from "#db/queries/connector";
import type { Connector } from "#lib/connectors/contract";
import type { ConnectorView } from "#lib/contracts/connector";
import type { Actor } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";
import { compileSelector } from "#lib/policy/selector";
import { type ConnectorTools, secretPlace } from "./tools.ts";
import { connectorView } from "./view.ts";

export const notFound = (id: string): ProblemError =>
  new ProblemError("connector/not-found", `No connector ${id}.`);

/** Locked until the transaction ends. @throws {ProblemError} `connector/not-found` */
export async function lockConnector(tx: Tx, actor: Actor, id: string): Promise<ConnectorRow> {
  const row = await connectorLock(tx, actor.trustDomainIds, id);
  if (!row) throw notFound(id);
  return row;
}

/** As it is stored now, within a transaction that has locked it. */
export async function storedView(
  tx: Tx,
  { trustDomainId, id }: { trustDomainId: string; id: string },
  tools: Pick<ConnectorTools, "kinds" | "origin">,
): Promise<ConnectorView> {
  const [found] = await connectorRows(tx, [trustDomainId], id);
  if (!found) throw notFound(id);
  return connectorView(found.connector, found.trustDomain, tools);
}

/** @throws {ProblemError} `request/invalid` */
export function kindNamed(kinds: readonly Connector[], name: string): Connector {
  const kind = kinds.find((known) => known.kind === name);
  if (kind) return kind;
  const detail = `There is no kind "${name}". Use ${kinds.map((known) => known.kind).join(", ")}.`;
  throw new ProblemError("request/invalid", detail, { pointers: [{ pointer: "#/kind", detail }] });
}

/** @throws {ProblemError} `request/invalid` when the text is no selector */
export function refuseSelector(selector: string): void {
  const compiled = compileSelector(selector);
  if (compiled.ok) return;
  const { detail } = compiled;
  throw new ProblemError("request/invalid", `The selector cannot be read: ${detail}`, {
    pointers: [{ pointer: "#/selector", detail }],
  });
}

export function sealSecrets(
  { sealer }: Pick<ConnectorTools, "sealer">,
  key: { trustDomainId: string; id: string },
  secrets: unknown,
): Buffer {
  return sealer.seal(Buffer.from(JSON.stringify(secrets), "utf8"), secretPlace(key));
}

/** Where the entry of a change belongs, and what it is about. */
export const aboutConnector = ({ trustDomainId, id }: { trustDomainId: string; id: string }) => ({
  trustDomainId,
  entity: "connector",
  entityId: id,
});
