/** Recipes and live targets, as requests of remediation are given them. */
import "server-only";
import { z } from "zod";
import { RECIPES, type Recipe } from "#lib/domain/recipe";
import type { RemediationTools } from "#lib/services/remediation/tools";

/** All parameters of recipes are yes or no. */
function planned({ id, version, params }: Recipe) {
  const shape = Object.fromEntries(Object.keys(params).map((name) => [name, z.boolean().optional()]));
  return { name: id, version, params: z.strictObject(shape) };
}

const BOOK = RECIPES.map((recipe) => ({ action: recipe.action, ...planned(recipe) }));

const TOOLS: RemediationTools = {
  recipe: (action, name) =>
    BOOK.find((recipe) => recipe.action === action && (name === undefined || recipe.name === name)) ?? null,
  previewTargets: async () => [
    {
      rule: "live_targets",
      source: "target",
      about: "the live targets",
      ok: true,
      blocking: false,
      sentence: "No live target was asked: each step looks at its target before it does anything.",
    },
  ],
};

export function remediationTools(): RemediationTools {
  return TOOLS;
}
