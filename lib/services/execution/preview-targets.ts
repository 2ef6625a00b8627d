/** What live targets say about the steps of a recipe, before anybody votes and once more before the start. */
import type { Conn, Db } from "#db/client";
import { nodesWithKey } from "#db/queries/execution-node";
import { ConnectorError } from "#lib/connectors/contract";
import { recipeById } from "#lib/domain/recipe";
import { type PlannedStep, stepsFor } from "#lib/domain/recipe-steps";
import type { PlanCheck } from "#lib/domain/remediation-plan";
import { openConnector, targetsFor } from "#lib/services/connector/open";
import type { ConnectorTools } from "#lib/services/connector/tools";
import type { TargetQuestion } from "#lib/services/remediation/tools";
import { type Bounds, idleChecks } from "./idle-checks.ts";

/** How long all targets of one question may take. Milliseconds. */
const PREVIEW_MS = 20_000;
/** Calls at a time. */
const AT_ONCE = 8;

/**
 * One check for each of the recipe's needs on each node, and one for each step of a connector: whether it could be
 * done now. Reads only. A target that does not answer is a check that is not kept, never an error.
 */
export async function previewTargets(
  db: Db,
  tools: ConnectorTools,
  question: TargetQuestion,
  now: () => Date,
): Promise<PlanCheck[]> {
  const { trustDomainId, nodes, params } = question;
  const recipe = recipeById(question.recipe);
  if (!recipe) return [];
  const ids = nodes.map(({ nodeId }) => nodeId);
  const known = await targetsFor(db, tools, trustDomainId, ids);
  const planned = nodes.map(({ nodeId, name }) =>
    stepsFor(recipe, { name }, known.get(nodeId) ?? [], params),
  );
  // What takes back what is not done yet cannot be previewed: it comes after the verdict, or not at all.
  const steps = planned.flatMap((one) =>
    one.steps.filter(({ connectorId, verifies }) => connectorId !== null && !verifies),
  );
  const bounds = { now, signal: AbortSignal.timeout(PREVIEW_MS) };
  const live: PlanCheck[] = [];
  for (let at = 0; at < steps.length; at += AT_ONCE) {
    const some = steps.slice(at, at + AT_ONCE);
    live.push(
      ...(await Promise.all(some.map((step) => previewStep(db, tools, { trustDomainId, step }, bounds)))),
    );
  }
  const keys = recipe.needs.includes("rekeyed") ? await keyChecks(db, trustDomainId, nodes) : [];
  const idle = question.idle ? await idleChecks(db, tools, question, bounds) : [];
  return [...idle, ...planned.flatMap(({ checks }) => checks), ...keys, ...live];
}

/** What is not known to have a key cannot be seen to have another one, whatever is done to it. */
export async function keyChecks(
  conn: Conn,
  trustDomainId: string,
  nodes: TargetQuestion["nodes"],
): Promise<PlanCheck[]> {
  const ids = nodes.map(({ nodeId }) => nodeId);
  const have = await nodesWithKey(conn, trustDomainId, ids);
  return nodes.map(({ nodeId, name }) => ({
    ...({ rule: "recipe/key", source: "target", about: name, blocking: true, ok: have.has(nodeId) } as const),
    sentence: have.has(nodeId)
      ? `The key with which ${name} attests is known: a new one would be noticed.`
      : `No key with which ${name} attests is known, so whether it has a new one could not be seen.`,
  }));
}

async function previewStep(
  db: Db,
  tools: ConnectorTools,
  { trustDomainId, step }: { trustDomainId: string; step: PlannedStep },
  bounds: Bounds,
): Promise<PlanCheck> {
  const { connectorId, target, kind, verb, words, mandatory } = step;
  const base = { rule: `${kind}/${verb}`, source: "target", about: target?.words ?? "" } as const;
  const refused = (why: string): PlanCheck => ({
    ...base,
    ok: false,
    blocking: mandatory,
    sentence: `It cannot ${words}: ${why}`,
  });
  if (connectorId === null || target === null) return refused("nothing knows the node");
  try {
    bounds.signal.throwIfAborted();
    const { connector, ctx } = await openConnector(db, tools, { trustDomainId, id: connectorId }, bounds);
    const { ok, steps, checks } = await connector.preview(ctx, target, verb);
    if (ok) return { ...base, ok: true, blocking: mandatory, sentence: steps.join(" ") };
    const failed = checks.filter((check) => check.blocking && !check.ok);
    return refused(failed.map(({ name, detail }) => `${name}: ${detail}`).join("; "));
  } catch (error) {
    if (error instanceof ConnectorError) return refused(error.message);
    if (bounds.signal.aborted) return refused("there was no answer in time");
    throw error;
  }
}
