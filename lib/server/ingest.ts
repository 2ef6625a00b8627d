/** The ingest path, put together for this process. */
import "server-only";
import { type IngestHandler, ingestHandler } from "#lib/ingest/http";
import { createIngest } from "#lib/ingest/ingest";
import { authenticateApiKey } from "./api-key.ts";
import { log } from "./log.ts";
import { observeIngest } from "./metrics.ts";
import { database } from "./runtime.ts";
import { sealer } from "./secret.ts";
import { shared } from "./shared.ts";

/** Handler of the two ingest endpoints; the same one behind `server.ts` and behind the routes. */
export function ingest(): IngestHandler {
  return shared("ingest", () => {
    const db = database();
    const now = () => new Date();
    return ingestHandler(
      createIngest({
        db,
        sealer: sealer(),
        now,
        authenticate: (authorization) => authenticateApiKey(db, authorization, now()),
        observe: observeIngest,
      }),
      (err, requestId) => log().error({ err, requestId }, "ingest failed"),
    );
  });
}
