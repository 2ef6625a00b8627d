import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ProblemError } from "#lib/domain/problems";
import { SOURCES } from "#lib/sources/registry";
import { useDatabase } from "#tests/pg";
import { makeWorld, type World } from "#tests/world";
import type { ServiceContext } from "./context.ts";
import { setRetention } from "./retention/set.ts";
import { createSource } from "./source/create.ts";
import { createApiKey } from "./source/create-api-key.ts";
import { disableSource } from "./source/disable.ts";
import { setSilenceLimit } from "./source/set-limit.ts";
import { createUser } from "./user/create.ts";

const { pool } = useDatabase();
let world: World;
beforeAll(async () => {
  world = await makeWorld(pool);
});

/** Each makes the insert of an audit entry fail, and can be taken back. */
const FAILURES = {
  "the table cannot be written": [
    "ALTER TABLE audit_entry ADD CONSTRAINT no_room CHECK (false) NOT VALID",
    "ALTER TABLE audit_entry DROP CONSTRAINT no_room",
  ],
  "the table is gone": [
    "ALTER TABLE audit_entry RENAME TO elsewhere",
    "ALTER TABLE elsewhere RENAME TO audit_entry",
  ],
  "the log's waiting list cannot be written": [
    "ALTER TABLE audit_pending ADD CONSTRAINT no_room CHECK (false) NOT VALID",
    "ALTER TABLE audit_pending DROP CONSTRAINT no_room",
  ],
} as const;

const CHANGES: Record<string, (ctx: ServiceContext) => Promise<unknown>> = {
  "source.create": (ctx) => createSource(ctx, { kind: "generic", name: "unaudited" }, SOURCES),
  "source.disable": (ctx) => disableSource(ctx, { sourceId: world.lab }),
  "source.set_limit": (ctx) => setSilenceLimit(ctx, { sourceId: world.lab, limit: { mode: "none" } }),
  "api-key.create": (ctx) =>
    createApiKey(ctx, { sourceId: world.lab, scopes: ["ingest:write"], expiresInDays: 1 }),
  "retention.set": (ctx) => setRetention(ctx, { verdictDays: 99, rawDays: undefined }),
  "user.create": (ctx) => createUser(ctx, { email: "unaudited@example.org", role: "viewer" }),
};

/** Every row of every table but the audit's own. */
async function state(): Promise<string> {
  const { rows } = await pool.query(
    `SELECT c.relname AS name FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
       AND c.relname NOT LIKE 'audit%' AND c.relname <> 'elsewhere' ORDER BY 1`,
  );
  const parts = [];
  for (const { name } of rows) {
    const { rows: found } = await pool.query(
      `SELECT count(*) AS n, md5(string_agg(t::text, ',' ORDER BY t::text)) AS digest FROM "${name}" t`,
    );
    parts.push(`${name} ${found[0].n} ${found[0].digest}`);
  }
  return parts.join("\n");
}

describe.each(Object.entries(FAILURES))("when %s", (_, [fail, mend]) => {
  let before: string;
  beforeEach(async () => {
    before = await state();
    await pool.query(fail);
    return async () => {
      await pool.query(mend);
    };
  });

  it.each(Object.keys(CHANGES))("%s fails as our fault and changes nothing", async (name) => {
    const error = await CHANGES[name]?.(world.as("admin")).then(
      () => null,
      (caught: unknown) => caught,
    );
    // Whatever is no problem of the caller's is answered 5xx.
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(ProblemError);
    expect(await state()).toBe(before);
  });
});
