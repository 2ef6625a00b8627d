import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { API_KEY_SCOPES, PERMISSIONS, ROLES, SERVICE_VERBS } from "#lib/domain/access";
import type { RouteSpec } from "#lib/server/http/route";
import { apiDescription, findRoutes } from "../../scripts/routes.ts";

/** Handlers that `route()` did not make, each with the reason. */
const FOREIGN = { "app/api/auth/[...nextauth]/route.ts": "belongs to the sign-in library" };

const ROOT = join(import.meta.dirname, "..", "..");
const cell = (allowed: boolean) => (allowed ? "yes" : "-").padEnd(9);

const CALLERS = [...ROLES, "api_key", "service", "review"];

/**
 * Who may call it: each role, a source's key, a service account whose role and scopes hold the verb, and an auditor who
 * was let in to review one period.
 */
function cells({ permission, stepUp, keepsToReview }: RouteSpec): string {
  if (permission === "public") return CALLERS.map(() => cell(true)).join("");
  const held: readonly string[] = permission === "ingest" ? [] : PERMISSIONS[permission];
  const byKey = permission === "ingest" || (API_KEY_SCOPES as readonly string[]).includes(permission);
  const byService = stepUp !== true && (SERVICE_VERBS as readonly string[]).includes(permission);
  const inReview = permission === "account:own" || (keepsToReview === true && held.includes("auditor"));
  return [...ROLES.map((role) => held.includes(role)), byKey, byService, inReview].map(cell).join("");
}

describe("every route", () => {
  it("is made by route(), so that none can forget who may use it", async () => {
    const bare = (await findRoutes()).filter(({ handler }) => !handler.spec).map(({ file }) => file);
    expect([...new Set(bare)]).toEqual(Object.keys(FOREIGN));
  });

  it("has an operation name of its own", async () => {
    const names = (await findRoutes()).flatMap(({ handler }) => handler.spec?.operation ?? []);
    const own = names.filter((name) => name !== "api.unknown");
    expect(new Set(own).size).toBe(own.length);
  });

  it("is open to exactly the roles of the checked-in matrix", async () => {
    const lines = (await findRoutes())
      .flatMap(({ method, path, handler: { spec } }) =>
        spec
          ? [
              `${`${method} ${path}`.padEnd(80)}${spec.permission.padEnd(17)} ${cells(spec)}${spec.stepUp ? "fresh" : ""}`.trimEnd(),
            ]
          : [],
      )
      .sort();
    const head = `${"".padEnd(80)}${"permission".padEnd(18)}${CALLERS.map((name) => name.padEnd(9)).join("")}proof`;
    await expect(`${[head.trimEnd(), ...lines].join("\n")}\n`).toMatchFileSnapshot(
      "access-matrix.golden.txt",
    );
  });

  it("stands in docs/openapi.json as it is; else run scripts/openapi.ts", async () => {
    await expect(await apiDescription()).toMatchFileSnapshot(join(ROOT, "docs", "openapi.json"));
  });
});
