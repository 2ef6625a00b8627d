/** A small world to send events into: a domain, sources and API keys, behind the real ingest handler. */
import { randomUUID } from "node:crypto";
import { drizzle } from "drizzle-orm/node-postgres";
import type { Pool } from "pg";
import type { Db } from "#db/client";
import type { IngestResult } from "#lib/contracts/ingest";
import type { Actor, ApiKeyScope } from "#lib/domain/access";
import { defaultAuthority, type LifecycleAuthority } from "#lib/domain/lifecycle-authority";
import { ProblemError } from "#lib/domain/problems";
import { type HttpResponse, ingestHandler } from "#lib/ingest/http";
import { createIngest } from "#lib/ingest/ingest";
import { sourceByKind } from "#lib/sources/registry";
import { testSealer } from "./sealer.ts";

/** The clock of a test: only moved by hand. */
export type Clock = { now: Date };

/** `state` is `active` unless said otherwise; a retired key ends at `acceptUntil`. */
export type WorldKey = { kid: string; alg: string; state?: string; acceptUntil?: Date } & (
  | { jwk: object }
  | { secret: string }
);

/** Seals with a master key that lives as long as the test file. */
const TEST_SEALER = testSealer();

export type World = {
  trustDomainId: string;
  clock: Clock;
  /** Add a source with its keys. @returns its id and the bearer of its key */
  addSource: (source: {
    kind: string;
    name?: string;
    staleAfterMs?: number | null;
    keys?: WorldKey[];
    scopes?: ApiKeyScope[];
    /** Where it differs from the default of its kind. */
    authority?: Partial<LifecycleAuthority>;
  }) => Promise<{ id: string; bearer: string }>;
  send: (request: {
    bearer?: string;
    path?: string;
    body: Uint8Array | string;
    headers?: Record<string, string>;
    method?: string;
  }) => Promise<HttpResponse & { json: IngestResult & { code?: string } }>;
};

/** Build the world in an empty migrated database. */
export async function makeWorld(pool: Pool, clock: Clock): Promise<World> {
  const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
  const trustDomainId = randomUUID();
  await pool.query("INSERT INTO trust_domain (id, name, created_at) VALUES ($1, $2, $3)", [
    trustDomainId,
    `domain ${trustDomainId}`,
    clock.now,
  ]);
  const actors = new Map<string, Actor>();
  const handle = ingestHandler(
    createIngest({
      db,
      sealer: TEST_SEALER,
      authenticate: async (header) => {
        const actor = actors.get(header ?? "");
        return actor ? { actor } : null;
      },
      now: () => clock.now,
      observe: () => {},
    }),
    (error) => {
      if (!(error instanceof ProblemError)) throw error;
    },
  );
  return {
    trustDomainId,
    clock,
    async addSource({ kind, name, staleAfterMs, keys = [], scopes = ["ingest:write"], authority: given }) {
      const plugin = sourceByKind(kind);
      if (!plugin) throw new Error(`no source kind ${kind}`);
      const id = randomUUID();
      const authority = { ...defaultAuthority(kind), ...given };
      const stale = staleAfterMs === undefined ? plugin.defaults.staleAfterMs : staleAfterMs;
      await pool.query(
        `INSERT INTO source (trust_domain_id, id, kind, name, accept_past_ms, accept_future_ms, stale_after_ms, created_at,
           authoritative_for, introduces_nodes)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [
          trustDomainId,
          id,
          kind,
          name ?? kind,
          plugin.defaults.acceptPastMs,
          plugin.defaults.acceptFutureMs,
          stale,
          clock.now,
          authority.authoritativeFor,
          authority.introducesNodes,
        ],
      );
      for (const { kid, alg, state = "active", acceptUntil = null, ...key } of keys) {
        const place = { trustDomainId, sourceId: id, kid };
        const jwk = "jwk" in key ? JSON.stringify(key.jwk) : null;
        const sealed = "secret" in key ? TEST_SEALER.seal(Buffer.from(key.secret), place) : null;
        await pool.query(
          `INSERT INTO source_key (trust_domain_id, source_id, kid, alg, jwk, sealed_secret, state, valid_from, created_at,
             accept_until, valid_to)
           VALUES ($1, $2, $3, $4, $5, $6, $7, '-infinity', $8, $9, $9)`,
          [trustDomainId, id, kid, alg, jwk, sealed, state, clock.now, acceptUntil],
        );
      }
      const bearer = `Bearer key-${id}`;
      actors.set(bearer, {
        kind: "api_key",
        id: randomUUID(),
        sourceId: id,
        scopes,
        trustDomainIds: [trustDomainId],
      });
      return { id, bearer };
    },
    async send({ bearer, path = "/api/v1/events", body, headers = {}, method = "POST" }) {
      const bytes = typeof body === "string" ? Buffer.from(body) : body;
      const response = await handle({
        method,
        path,
        headers: {
          ...headers,
          ...(bearer ? { authorization: bearer } : {}),
          "content-length": String(bytes.byteLength),
        },
        body: (async function* () {
          yield bytes;
        })(),
      });
      return { ...response, json: JSON.parse(response.body) };
    },
  };
}

/** A CloudEvent around generic JSON data. */
export function cloudEvent(
  type: "verdict" | "bootstrap",
  data: unknown,
  attributes: Record<string, unknown> = {},
) {
  return {
    specversion: "1.0",
    id: randomUUID(),
    source: "urn:test",
    type: type === "verdict" ? "dev.touchstone.attestation.verdict.v1" : "dev.touchstone.bootstrap.event.v1",
    datacontenttype: "application/json",
    data,
    ...attributes,
  };
}

export const BATCH = { "content-type": "application/cloudevents-batch+json" };
export const STRUCTURED = { "content-type": "application/cloudevents+json" };

/** Empty the database, so that one test file can build several worlds one after the other. */
export async function resetWorld(pool: Pool): Promise<void> {
  await pool.query("TRUNCATE trust_domain, verdict, measurement_set, rollup, api_key CASCADE");
}

/** A canonical verdict document. */
export function verdictDocument(
  node: string,
  atMs: number,
  status: "affirming" | "warning" | "contraindicated" = "affirming",
  more: Record<string, unknown> = {},
) {
  return {
    schema: "touchstone.verdict/1",
    node: { id: node },
    observedAt: new Date(atMs).toISOString(),
    status,
    coverage: ["measured_boot"],
    ...more,
  };
}
