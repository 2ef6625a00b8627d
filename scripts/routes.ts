/** Finds every route handler of the application. */
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { openApiDocument } from "#lib/server/http/openapi";
import type { RouteHandler } from "#lib/server/http/route";

const ROOT = join(import.meta.dirname, "..");
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

export type FoundRoute = { file: string; method: string; path: string; handler: Partial<RouteHandler> };

/** All handlers of all `route.ts` files, in order of file and method. */
export async function findRoutes(): Promise<FoundRoute[]> {
  // Not by a pattern: those leave out what lies in folders such as `.well-known`, and Next serves it.
  const files = (await readdir(join(ROOT, "app"), { recursive: true }))
    .filter((file) => basename(file) === "route.ts")
    .map((file) => `app/${file}`);
  const found = await Promise.all(
    files.sort().map(async (file) => {
      const module = (await import(pathToFileURL(join(ROOT, file)).href)) as Record<
        string,
        Partial<RouteHandler>
      >;
      const path = `/${file.replace(/^app\//, "").replace(/\/?route\.ts$/, "")}`.replace(/\/\([^/]+\)/g, "");
      return METHODS.flatMap((method) => {
        const handler = module[method];
        return handler ? [{ file, method, path, handler }] : [];
      });
    }),
  );
  return found.flat();
}

/** The API description as it stands in docs/openapi.json. */
export async function apiDescription(): Promise<string> {
  const routes = (await findRoutes()).flatMap(({ method, path, handler }) =>
    handler.spec ? [{ method, path, spec: handler.spec }] : [],
  );
  return `${JSON.stringify(openApiDocument(routes), null, 2)}\n`;
}
