/** What every server that takes events in must answer, whatever else it serves. */
import { request } from "node:http";
import { gzipSync } from "node:zlib";

export type IngestAnswer = { name: string; status: number; code: string | null; accepted: number | null };

const STRUCTURED = "application/cloudevents+json";
const BATCH = "application/cloudevents-batch+json";
const OTHER_SOURCE = "00000000-0000-4000-8000-000000000001";

type Case = {
  name: string;
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: Uint8Array | string;
};

const verdict = (id: string, at: string, more: object = {}) => ({
  specversion: "1.0",
  id,
  source: "urn:test",
  type: "dev.touchstone.attestation.verdict.v1",
  datacontenttype: "application/json",
  data: {
    schema: "touchstone.verdict/1",
    node: { id: `node-${id}` },
    observedAt: at,
    status: "affirming",
    ...more,
  },
});

function cases(secret: string, nowIso: string): Case[] {
  const authorization = `Bearer ${secret}`;
  const one = JSON.stringify(verdict("1", nowIso));
  const structured = { authorization, "content-type": STRUCTURED };
  const batch = { authorization, "content-type": BATCH };
  const two = JSON.stringify([verdict("2", nowIso), verdict("3", nowIso, { statos: "x" })]);
  return [
    { name: "an event", headers: structured, body: one },
    { name: "the same event again", headers: structured, body: one },
    { name: "a batch with a bad event", headers: batch, body: two },
    { name: "gzip", headers: { ...structured, "content-encoding": "gzip" }, body: gzipSync(one) },
    { name: "no key", headers: { "content-type": STRUCTURED }, body: one },
    { name: "a wrong key", headers: { ...structured, authorization: "Bearer ts_wrong" }, body: one },
    {
      name: "another source",
      path: `/api/v1/sources/${OTHER_SOURCE}/deliver`,
      headers: structured,
      body: one,
    },
    { name: "no source", path: "/api/v1/sources/nonsense/deliver", headers: structured, body: one },
    { name: "no permission to import", path: "/api/v1/events?backfill=true", headers: structured, body: one },
    { name: "another media type", headers: { ...structured, "content-type": "text/plain" }, body: one },
    { name: "no JSON", headers: structured, body: "{" },
    { name: "a misspelt member", headers: structured, body: JSON.stringify(verdict("4", nowIso, { x: 1 })) },
    { name: "too much", headers: structured, body: Buffer.alloc(1_048_577, 0x20) },
    { name: "broken gzip", headers: { ...structured, "content-encoding": "gzip" }, body: "no gzip" },
    { name: "too many events", headers: batch, body: JSON.stringify(Array(1_001).fill({})) },
    { name: "another method", method: "GET", headers: structured },
    { name: "another host", headers: { ...structured, host: "elsewhere.test" }, body: one },
  ];
}

/** Send every case; no answer may be of the server's own fault. */
export async function ingestAnswers(port: number, secret: string, now: Date): Promise<IngestAnswer[]> {
  const answers: IngestAnswer[] = [];
  for (const one of cases(secret, now.toISOString())) answers.push(await ask(port, one));
  return answers;
}

function ask(port: number, { name, method = "POST", path = "/api/v1/events", headers, body }: Case) {
  return new Promise<IngestAnswer>((resolve, reject) => {
    const sending = request(
      { host: "127.0.0.1", port, method, path, headers, agent: false },
      async (response) => {
        const text = Buffer.concat(await response.toArray()).toString();
        const json = JSON.parse(text || "{}") as { code?: string; accepted?: number };
        resolve({
          name,
          status: response.statusCode ?? 0,
          code: json.code ?? null,
          accepted: json.accepted ?? null,
        });
      },
    );
    sending.on("error", reject).end(body);
  });
}
