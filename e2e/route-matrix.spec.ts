/** Every route of the build over HTTP, against the checked-in matrix: signed out, and as each role that may not. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "./fixtures.ts";
import { ROLES } from "./views.ts";

const ROOT = join(import.meta.dirname, "..");
const NOBODY = "01a20000-0000-7000-8000-000000000000";
/** Belongs to the sign-in library. */
const FOREIGN = "/api/auth/[...nextauth]";

type Row = { method: string; path: string; permission: string; roles: readonly string[] };

/** The matrix that people reviewed; `tests/architecture` holds it to the code. */
function rows(): Row[] {
  const columns = [...ROLES, "api_key"];
  return readFileSync(join(ROOT, "tests/architecture/access-matrix.golden.txt"), "utf8")
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => {
      const [method = "", path = ""] = line.slice(0, 80).trim().split(" ");
      const [permission = "", ...cells] = line.slice(80).trim().split(/\s+/);
      return { method, path, permission, roles: columns.filter((_, index) => cells[index] === "yes") };
    });
}

/** The column of the matrix is as wide as it is. */
const cut = (method: string, path: string) => `${method} ${path}`.slice(0, 80).split(" ")[1] ?? "";

function routesOfBuild(): string[] {
  const manifest = join(ROOT, ".next/server/app-paths-manifest.json");
  const files = Object.keys(JSON.parse(readFileSync(manifest, "utf8")) as Record<string, string>);
  return files
    .filter((file) => file.endsWith("/route"))
    .map((file) => file.replace(/\/route$/, "").replace(/\/\([^)]+\)/g, ""));
}

const addressOf = (path: string) => path.replace(/\[(?:\.\.\.)?\w+\]/g, NOBODY);

test("each route of the build has its row, and no row is about another", () => {
  const told = new Set(rows().map(({ method, path }) => `${method.length} ${path}`));
  const built = routesOfBuild().filter((path) => path !== FOREIGN && !path.endsWith(".svg"));
  for (const path of built) {
    const ways = ["GET", "POST", "PUT", "PATCH", "DELETE"].map(
      (method) => `${method.length} ${cut(method, path)}`,
    );
    expect(
      ways.some((way) => told.has(way)),
      path,
    ).toBe(true);
  }
  for (const { method, path } of rows())
    expect(
      built.some((route) => cut(method, route) === path),
      `${method} ${path}`,
    ).toBe(true);
});

test("no route answers who is not signed in, and none a role that the matrix leaves out", async ({
  product,
}) => {
  test.slow();
  const guarded = rows().filter(({ permission }) => permission !== "public" && permission !== "ingest");
  const ask = async ({ method, path }: Row, headers: Record<string, string>) => {
    const answer = await fetch(product.baseURL + addressOf(path), {
      method,
      redirect: "manual",
      headers: {
        ...(method === "GET" ? {} : { origin: product.baseURL, "content-type": "application/json" }),
        ...headers,
      },
      ...(method === "GET" ? {} : { body: "{}" }),
    });
    const { code } = (await answer.json()) as { code?: string };
    return [answer.status, code];
  };
  // Cut off by the width of the matrix: the path of no route.
  const whole = guarded.filter(({ path }) => routesOfBuild().includes(path));
  expect(guarded.length - whole.length).toBeLessThanOrEqual(1);
  for (const row of whole)
    expect(await ask(row, {}), `${row.method} ${row.path}`).toEqual([401, "auth/required"]);
  for (const role of ROLES) {
    const session = await product.session(role);
    const headers = { cookie: `touchstone.session=${session.cookie}` };
    for (const row of whole.filter(({ roles }) => !roles.includes(role)))
      expect(await ask(row, headers), `${role} ${row.method} ${row.path}`).toEqual([403, "auth/forbidden"]);
  }
});
