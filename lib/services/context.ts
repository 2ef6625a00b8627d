/** What every use case is given: where to read and write, who asks, and what time it is. */
import type { Db } from "#db/client";
import type { Actor } from "#lib/domain/access";

/** Built only by the composition root (HTTP, worker, command line) and by tests; no optional members. */
export type ServiceContext = {
  db: Db;
  actor: Actor;
  /** Ties log lines, audit entries and the answer's problem document together. */
  requestId: string;
  /** Network address of the caller; `null` for our own processes. */
  address: string | null;
  now: () => Date;
};
