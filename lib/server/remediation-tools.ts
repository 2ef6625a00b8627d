/** Recipes, live targets and what executes them, as use cases of remediation are given them. */
import "server-only";
import { hostname } from "node:os";
import { z } from "zod";
import type { Db } from "#db/client";
import { RECIPES, type Recipe } from "#lib/domain/recipe";
import { idleChecks } from "#lib/services/execution/idle-checks";
import { CALL_MS, type ExecutionTools, LEASE_MS } from "#lib/services/execution/lease";
import { previewTargets } from "#lib/services/execution/preview-targets";
import type { RemediationTools } from "#lib/services/remediation/tools";
import type { AskIdle } from "#lib/services/sacrificial/mark";
import { connectorTools } from "./connectors.ts";

/** All parameters of recipes are yes or no. */
function planned({ id, version, params }: Recipe) {
  const shape = Object.fromEntries(Object.keys(params).map((name) => [name, z.boolean().optional()]));
  return { name: id, version, params: z.strictObject(shape) };
}

const BOOK = RECIPES.map((recipe) => ({ action: recipe.action, ...planned(recipe) }));

const TOOLS: RemediationTools = {
  recipe: (action, name) =>
    BOOK.find((recipe) => recipe.action === action && (name === undefined || recipe.name === name)) ?? null,
  // Callers hand over a handle of the database and no transaction: targets may take seconds.
  previewTargets: (conn, question) =>
    previewTargets(conn as Db, connectorTools(), question, () => new Date()),
};

/** Asks the systems that know nodes whether anything runs there. */
export const askIdle: AskIdle = (db, question) =>
  idleChecks(db, connectorTools(), question, {
    now: () => new Date(),
    signal: AbortSignal.timeout(CALL_MS),
  });

export function remediationTools(): RemediationTools {
  return TOOLS;
}

/** What the worker of this process executes requests with. */
export function executionTools(): ExecutionTools {
  return {
    connectors: connectorTools(),
    worker: `${hostname()}:${process.pid}`,
    leaseMs: LEASE_MS,
    callMs: CALL_MS,
  };
}
