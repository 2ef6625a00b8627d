/** The connectors of the trust domains that the caller sees, and the kinds that there are. */
import { connectorRows } from "#db/queries/connector";
import type { ConnectorList, ConnectorView } from "#lib/contracts/connector";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { kindView } from "./fields.ts";
import { notFound } from "./find.ts";
import type { ConnectorTools } from "./tools.ts";
import { connectorView } from "./view.ts";

type Shown = Pick<ConnectorTools, "kinds" | "origin">;

export async function connectorList(ctx: ServiceContext, tools: Shown): Promise<ConnectorList> {
  const scope = readScope(ctx, "connector:read");
  const rows = await connectorRows(ctx.db, scope);
  return {
    items: rows.map(({ connector, trustDomain }) => connectorView(connector, trustDomain, tools)),
    kinds: tools.kinds.map(kindView),
  };
}

/** @throws {ProblemError} `connector/not-found` */
export async function connectorGet(
  ctx: ServiceContext,
  tools: Shown,
  { connectorId }: { connectorId: string },
): Promise<ConnectorView> {
  const scope = readScope(ctx, "connector:read");
  const [found] = await connectorRows(ctx.db, scope, connectorId);
  if (!found) throw notFound(connectorId);
  return connectorView(found.connector, found.trustDomain, tools);
}
