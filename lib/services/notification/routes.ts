/** The trees of routes: read, tried on what happened, and saved as a new revision. */
import {
  channelRows,
  channelsKnown,
  eventsNewest,
  routesInsert,
  routesNewest,
} from "#db/queries/notification";
import { trustDomainRows, trustDomainSubtree } from "#db/queries/trust-domain";
import {
  PreviewRoutesBody,
  RouteNode,
  type RoutesList,
  type RoutesPreview,
  SaveRoutesBody,
} from "#lib/contracts/notification";
import { EMPTY_TREE, type Route, routesOf, takersOf } from "#lib/domain/notify/route";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { parseInput } from "#lib/services/input";
import { domainsAbove } from "./domains.ts";
import { eventView } from "./events.ts";

/** Events that a preview looks at. */
const LAST = 50;

/** The tree of each visible domain; the empty one where nobody saved any. */
export async function routesList(
  ctx: ServiceContext,
  { trustDomainId }: { trustDomainId?: string | undefined } = {},
): Promise<RoutesList> {
  const scope = readScope(ctx, "notify:read").filter((id) => !trustDomainId || id === trustDomainId);
  const saved = new Map((await routesNewest(ctx.db, scope)).map((row) => [row.trustDomainId, row]));
  const domains = await trustDomainRows(ctx.db, scope);
  return {
    items: domains.map(({ id, name }) => {
      const row = saved.get(id);
      const tree = RouteNode.safeParse(row?.tree);
      return {
        trustDomainId: id,
        trustDomain: name,
        revision: row?.revision ?? 0,
        tree: tree.success ? tree.data : EMPTY_TREE,
        savedAt: row?.savedAt.toISOString() ?? null,
        savedBy: row?.savedBy ?? null,
      };
    }),
  };
}

/** Where the last events would have gone by another tree. @throws {ProblemError} `domain/not-found` */
export async function previewRoutes(ctx: ServiceContext, body: PreviewRoutesBody): Promise<RoutesPreview> {
  const { trustDomainId, tree } = parseInput(PreviewRoutesBody, body);
  const scope = readScope(ctx, "notify:read");
  if (!scope.includes(trustDomainId))
    throw new ProblemError("domain/not-found", `No trust domain ${trustDomainId}.`);
  const below = await trustDomainSubtree(ctx.db, [trustDomainId]);
  const seen = scope.filter((id) => below.includes(id));
  const parents = new Map((await trustDomainRows(ctx.db, scope)).map(({ id, parentId }) => [id, parentId]));
  const names = new Map((await channelRows(ctx.db, [trustDomainId])).map(({ row }) => [row.id, row.name]));
  const events = await eventsNewest(ctx.db, seen, { unheard: false, limit: LAST });
  return {
    items: events.map((event) => {
      const domains = domainsAbove(parents, event.row.trustDomainId);
      const takers = takersOf(tree, { ...event.row, domains }).map(({ path, route }) => ({
        path: [...path],
        channels: route.channelIds.flatMap((id) => names.get(id) ?? []),
      }));
      return { ...eventView(event), takers, unheard: takers.every(({ channels }) => channels.length === 0) };
    }),
  };
}

/** @throws {ProblemError} `domain/not-found`, `notification/routes-changed`, `request/invalid` for a channel of elsewhere */
export const saveRoutes = command({
  name: "notification_routes.save",
  permission: "notify:manage",
  input: SaveRoutesBody,
  target: ({ trustDomainId }) => trustDomainId,
  async run(tx, { actor, now }, { trustDomainId, revision, tree }) {
    if (!actor.trustDomainIds.includes(trustDomainId))
      throw new ProblemError("domain/not-found", `No trust domain ${trustDomainId}.`);
    const channels = channelsOf(tree);
    if ((await channelsKnown(tx, trustDomainId, channels)) !== channels.length)
      throw new ProblemError(
        "request/invalid",
        "#/tree: A route names a channel that its domain does not have.",
        {
          pointers: [{ pointer: "#/tree", detail: "A channel is not of this trust domain." }],
        },
      );
    const [before] = await routesNewest(tx, [trustDomainId]);
    const savedAt = now();
    const row = { trustDomainId, revision: revision + 1, tree, savedAt, savedBy: nameOf(actor) };
    if ((before?.revision ?? 0) !== revision || !(await routesInsert(tx, row)))
      throw new ProblemError(
        "notification/routes-changed",
        "Somebody saved other routes since you read them.",
      );
    return {
      result: { revision: revision + 1, at: savedAt.toISOString() },
      audit: {
        trustDomainId,
        entity: "notification_routes",
        entityId: trustDomainId,
        before: before ? { revision, tree: before.tree } : null,
        after: { revision: revision + 1, tree },
      },
    };
  },
});

/** Every channel that a tree names. */
function channelsOf(tree: Route): string[] {
  const named = routesOf(tree).flatMap(({ route }) => [
    ...route.channelIds,
    ...route.escalation.flatMap(({ channelIds }) => channelIds),
  ]);
  return [...new Set(named)];
}

function nameOf(actor: ServiceContext["actor"]): string {
  if (actor.kind === "user") return actor.email;
  return actor.kind === "service" ? actor.name : actor.id;
}
