/** The routes of the application in this process, for one database after another. */
import type { RouteHandler } from "#lib/server/http/route";
import { findRoutes } from "../../scripts/routes.ts";
import { PORT, routeEnvironment } from "./callers.ts";

export type Handlers = ReadonlyMap<string, Partial<RouteHandler>>;

/** Call the routes on a database, and let go of everything that the process shares afterwards. */
export async function withRoutes<T>(
  databaseUrl: string,
  work: (handlers: Handlers) => Promise<T>,
): Promise<T> {
  const names = Object.entries(routeEnvironment(databaseUrl));
  const before = names.map(([name]) => [name, process.env[name]] as const);
  for (const [name, value] of names) process.env[name] = value;
  const { closeDatabases } = await import("#lib/server/runtime");
  const { listeningOn } = await import("#lib/server/env");
  listeningOn(Number(PORT)); // forgets the configuration that was read before
  try {
    const found = await findRoutes();
    return await work(new Map(found.map(({ method, path, handler }) => [`${method} ${path}`, handler])));
  } finally {
    await closeDatabases();
    for (const symbol of Object.getOwnPropertySymbols(globalThis))
      if (symbol.description?.startsWith("touchstone.")) Reflect.deleteProperty(globalThis, symbol);
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    listeningOn(Number(process.env.PORT ?? PORT));
  }
}
