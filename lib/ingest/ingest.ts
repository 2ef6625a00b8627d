/** The ingest use case: authenticate, read, interpret, store, answer. Free of any HTTP framework. */
import type { Db } from "#db/client";
import type { Sealer } from "#db/sealing";
import type { IngestResult } from "#lib/contracts/ingest";
import { type Actor, can } from "#lib/domain/access";
import { ProblemError, problemBody } from "#lib/domain/problems";
import { type EventHeaders, mediaTypeOf, readEvents, type Slot } from "./cloudevents.ts";
import { groupCommit } from "./group-commit.ts";
import { interpretAll, type Job, problemOf, type Refusal } from "./interpret.ts";
import { noteKeyUse } from "./key-use.ts";
import { readBody } from "./limits.ts";
import { type LoadedSource, loadSource } from "./load-source.ts";

export type IngestDependencies = {
  db: Db;
  /** Opens the shared secrets of sources. */
  sealer: Sealer;
  /** Who holds this `Authorization` header; `null` = nobody. */
  authenticate: (authorization: string | undefined) => Promise<{ actor: Actor } | null>;
  now: () => Date;
  /** Told about every stored batch; for counters and logs. */
  observe: (batch: IngestObservation) => void;
};

export type IngestObservation = {
  sourceId: string;
  sourceName: string;
  accepted: number;
  duplicate: number;
  rejected: { code: string; category: string }[];
  seconds: number;
};

export type IngestRequest = {
  headers: EventHeaders;
  body: AsyncIterable<Uint8Array>;
  /** Imported history: needs the scope `ingest:backfill`. */
  backfill: boolean;
};

/** A source's native message: the source stands in the path. */
export type DeliverRequest = IngestRequest & { sourceId: string };

export type Ingest = {
  /** `POST /api/v1/events`. @throws {ProblemError} when the request as a whole is refused */
  events: (request: IngestRequest) => Promise<IngestResult>;
  /** `POST /api/v1/sources/{id}/deliver`. @throws {ProblemError} likewise */
  deliver: (request: DeliverRequest) => Promise<IngestResult>;
};

export function createIngest({ db, sealer, authenticate, now, observe }: IngestDependencies): Ingest {
  const storeFacts = groupCommit();

  async function authorise(
    { headers, backfill }: IngestRequest,
    sourceId: string | null,
  ): Promise<LoadedSource> {
    const authenticated = await authenticate(headers.authorization);
    if (!authenticated)
      throw new ProblemError("auth/required", "Send an API key: Authorization: Bearer ts_…");
    const { actor } = authenticated;
    if (actor.kind !== "api_key" || !can(actor, "ingest:write")) {
      throw new ProblemError("auth/forbidden", "This API key lacks the scope ingest:write.");
    }
    if (backfill && !can(actor, "ingest:backfill")) {
      throw new ProblemError("auth/forbidden", "Importing history needs the scope ingest:backfill.");
    }
    if (sourceId !== null && sourceId !== actor.sourceId) {
      throw new ProblemError("source/wrong-key", "This API key belongs to another source.");
    }
    const [trustDomainId] = actor.trustDomainIds;
    const source =
      trustDomainId &&
      (await loadSource({ db, sealer }, trustDomainId, actor.sourceId, { now: now(), backfill }));
    if (!source)
      throw new ProblemError("source/not-found", "The source of this API key does not exist or is disabled.");
    return source;
  }

  async function run(
    source: LoadedSource,
    jobs: readonly Job[],
    unread: readonly Refusal[],
    backfill: boolean,
    single: boolean,
  ) {
    const receivedAt = now();
    const facts = await interpretAll(source, jobs, receivedAt.getTime(), backfill);
    facts.refusals.unshift(...unread);
    const batch = { pool: db.$client, source, receivedAt, backfill };
    const { accepted, duplicate, refusals } = await storeFacts(batch, facts);
    await noteKeyUse(db, source, facts, receivedAt);
    observe({
      sourceId: source.id,
      sourceName: source.name,
      accepted,
      duplicate,
      rejected: refusals.map(({ code, category }) => ({ code, category })),
      seconds: (now().getTime() - receivedAt.getTime()) / 1000,
    });
    const [first] = refusals;
    if (single && first && accepted + duplicate === 0) throw problemOf(first);
    const rejected = refusals
      .map(({ index, id, ...refusal }) => ({ index, id, problem: problemBody(problemOf(refusal)) }))
      .map(({ problem, ...rest }) => ({
        ...rest,
        problem: { ...problem, errors: problem.errors && [...problem.errors] },
      }))
      .sort((a, b) => a.index - b.index);
    return { accepted, duplicate, rejected: rejected as IngestResult["rejected"] };
  }

  return {
    async events(request) {
      const source = await authorise(request, null);
      const { single, slots } = readEvents(request.headers, await readRequestBody(request));
      const jobs: Job[] = [];
      const unread: Refusal[] = [];
      for (const slot of slots) {
        const refusal = unreadable(slot, source);
        if (refusal) unread.push(refusal);
        else if ("event" in slot) jobs.push(jobOf(slot.index, slot.event));
      }
      return run(source, jobs, unread, request.backfill, single);
    },

    async deliver(request) {
      const source = await authorise(request, request.sourceId);
      const body = await readRequestBody(request);
      const mediaType = mediaTypeOf(request.headers["content-type"]);
      const headers = signedHeaders(source, request.headers);
      const message = { body, mediaType, subject: null, headers };
      return run(source, [{ index: 0, id: null, type: null, message }], [], request.backfill, true);
    },
  };
}

function readRequestBody({ headers, body }: IngestRequest): Promise<Buffer> {
  return readBody(body, {
    contentLength: headers["content-length"],
    contentEncoding: headers["content-encoding"],
  });
}

/** The headers that the source declares, and not one more: the rest holds credentials and says nothing. */
function signedHeaders({ plugin }: LoadedSource, headers: EventHeaders): ReadonlyMap<string, string> {
  const present = (plugin.signedHeaders ?? []).flatMap((name): [string, string][] => {
    const value = headers[name];
    return value === undefined ? [] : [[name, value]];
  });
  return new Map(present);
}

const NO_HEADERS: ReadonlyMap<string, string> = new Map();

const SOURCE_URN = "urn:touchstone:source:";

/** Why a slot cannot be handed to its source; `null` when it can. */
function unreadable(slot: Slot, source: LoadedSource): Refusal | null {
  if ("problem" in slot) {
    const { code, message, pointers } = slot.problem;
    const where = pointers.map(({ pointer, detail }) => ` ${pointer}: ${detail}.`).join("");
    return refusalOf(slot, { category: "malformed", code, detail: `${message}${where}`, subject: null });
  }
  const { event } = slot;
  if (event.source.startsWith(SOURCE_URN) && event.source !== SOURCE_URN + source.id) {
    const detail = "The event names another source than the one that this API key belongs to.";
    return refusalOf(slot, { category: "claims", code: "source/wrong-key", detail, subject: event.subject });
  }
  return null;
}

function refusalOf(
  { index, id, raw }: Slot,
  why: Pick<Refusal, "category" | "code" | "detail" | "subject">,
): Refusal {
  return { index, id, raw: raw(), mediaType: "application/json", ...why };
}

function jobOf(
  index: number,
  { id, type, data, document, mediaType, subject }: Extract<Slot, { event: unknown }>["event"],
): Job {
  return {
    index,
    id,
    type,
    message: {
      body: data,
      document,
      mediaType,
      subject: subject?.replace(/^node\//, "") ?? null,
      headers: NO_HEADERS,
    },
  };
}
