/** What a maintenance window would reach, before it is planned. */
import { trustDomainRows } from "#db/queries/trust-domain";
import type { PreviewWindowBody, WindowPreview } from "#lib/contracts/maintenance-window";
import type { ServiceContext } from "#lib/services/context";
import { domainFor } from "#lib/services/domain";
import { readScope } from "#lib/services/guard";
import { coveredNow, layersOf, nodesFor, refuseUnreadable, selectedBy } from "./select.ts";

const NAMED = 20;

/**
 * By the nodes and findings of now: nobody knows what they will be when it begins.
 *
 * @throws {ProblemError} `request/invalid` for a selector that cannot be read
 */
export async function previewWindow(
  ctx: ServiceContext,
  { selector, layers }: PreviewWindowBody,
): Promise<WindowPreview> {
  const scope = readScope(ctx, "window:manage");
  refuseUnreadable(selector);
  const trustDomainId = domainFor({ ...ctx.actor, trustDomainIds: scope });
  const all = await nodesFor(ctx.db, trustDomainId, [selector]);
  const nodes = selectedBy(all, selector);
  const covered = await coveredNow(ctx.db, trustDomainId, {
    nodes,
    layers: layersOf(layers),
    now: ctx.now(),
  });
  const [domain] = await trustDomainRows(ctx.db, [trustDomainId]);
  return {
    trustDomain: domain?.name ?? "",
    nodes: nodes.length,
    of: all.length,
    names: nodes.slice(0, NAMED).map(({ name }) => name),
    ...covered,
  };
}
