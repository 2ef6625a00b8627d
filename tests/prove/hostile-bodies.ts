/** Seeded bodies that mean harm: broken, bent, too large, too deep, compressed, half sent. */
import { gzipSync } from "node:zlib";
import { SOURCES } from "#lib/sources/registry";
import { readSourceCase, sourceCaseNames } from "#tests/source-cases";

export type HostileRequest = {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Uint8Array;
};

const pick = <T>(random: () => number, items: readonly T[]): T =>
  items[Math.floor(random() * items.length)] as T;
const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Samples of every source, to be bent out of shape. */
function samples(): Uint8Array[] {
  return SOURCES.flatMap(({ kind }) =>
    sourceCaseNames(kind).map((name) => new Uint8Array(readSourceCase(kind, name).message.body)),
  );
}

const DOCUMENT = {
  schema: "touchstone.verdict/1",
  node: { id: "hostile" },
  observedAt: "2026-11-22T12:00:00.000Z",
  status: "affirming",
};

/** Values that break careless readers, each as JSON text. */
const NASTY_VALUES = [
  '"\\u0000"',
  '"\\ud800"',
  '"\\udfff x"',
  '"\\u202e\\u200b"',
  "1e400",
  "-1e400",
  "1e100000",
  "9007199254740993",
  "0.1e-999999",
  '{"__proto__":{"admin":true}}',
  '{"constructor":{"prototype":{"x":1}}}',
  "[]",
  "{}",
  "null",
  "true",
  '"2026-02-30T00:00:00Z"',
  '"9999-12-31T23:59:59.999Z"',
  '"-271821-04-20T00:00:00.000Z"',
  '"+275760-09-13T00:00:00.000Z"',
  '"0000-00-00T00:00:00Z"',
  JSON.stringify("x".repeat(70_000)),
  `[${'"a",'.repeat(5_000)}"a"]`,
];

/** Texts that a JSON parser takes and a database does not, or should not. */
const NASTY_TEXTS = ['"\\u0000"', '"\\ud800"', '"\\udfff x"', '"\\u202e\\u200b"', '"a\\ud83d"'];

const MEMBERS = [
  "schema",
  "node",
  "submod",
  "observedAt",
  "expiresAt",
  "outcome",
  "status",
  "vector",
  "coverage",
  "measurements",
  "reasons",
  "policyIds",
  "verifier",
  "freshness",
  "__proto__",
  "toString",
];

function nastyDocument(random: () => number): string {
  const members = Object.entries(DOCUMENT).map(([name, value]) => [name, JSON.stringify(value)]);
  for (let count = 0; count < 1 + random() * 3; count += 1) {
    members.push([pick(random, MEMBERS), pick(random, NASTY_VALUES)]);
  }
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`;
}

/** A document that is right but for one text, so that it gets as far as it can. */
function nearlyRight(random: () => number): string {
  const text = random() < 0.7 ? pick(random, NASTY_TEXTS) : '"x"';
  const members = {
    displayName: `"node":{"id":"hostile-${Math.floor(random() * 50)}","displayName":${text}}`,
    submod: `"node":{"id":"hostile"},"submod":${text}`,
    reason: `"node":{"id":"hostile"},"reasons":[{"code":"x","detail":${text}}]`,
    measurement: `"node":{"id":"hostile"},"measurements":{"a":${text}}`,
    policy: `"node":{"id":"hostile"},"policyIds":[${text}]`,
    verifier: `"node":{"id":"hostile"},"verifier":{"id":${text}}`,
  };
  const observedAt = new Date(Date.now() - Math.floor(random() * 600_000)).toISOString();
  return `{"schema":"touchstone.verdict/1","observedAt":"${observedAt}","status":"affirming",${pick(random, Object.values(members))}}`;
}

const anyDocument = (random: () => number) => (random() < 0.5 ? nearlyRight(random) : nastyDocument(random));

function event(random: () => number, data: string): string {
  const extra =
    random() < 0.3
      ? `,"${pick(random, ["id", "time", "subject", "datacontenttype"])}":${pick(random, NASTY_VALUES)}`
      : "";
  return `{"specversion":"1.0","id":"${Math.floor(random() * 1e9)}","source":"urn:hostile","type":"dev.touchstone.attestation.verdict.v1","datacontenttype":"application/json","data":${data}${extra}}`;
}

function bent(random: () => number, sample: Uint8Array): Uint8Array {
  const body = Uint8Array.from(sample);
  for (let count = 0; count < 1 + random() * 4; count += 1) {
    body[Math.floor(random() * body.byteLength)] = Math.floor(random() * 256);
  }
  return random() < 0.3 ? body.subarray(0, Math.floor(random() * body.byteLength)) : body;
}

const MEDIA_TYPES = [
  "application/json",
  "application/cloudevents+json",
  "application/cloudevents-batch+json",
  "application/x-ndjson",
  "application/eat+jwt",
  "application/jose",
  "text/plain",
  "application/octet-stream",
  "application/json; charset=utf-16",
  "multipart/form-data; boundary=x",
  "",
];

/** Bodies that cost much to make are made once. */
const BOMB = gzipSync(new Uint8Array(16_000_000));
const LARGE = new Uint8Array(1_100_000).fill(0x20);

/** An endless seeded stream of requests for the given sources. */
export function* hostileRequests(
  random: () => number,
  sourceIds: readonly string[],
): Generator<HostileRequest> {
  const bodies = samples();
  while (true) {
    const kind = random();
    const deliver = random() < 0.6;
    const path = deliver ? `/api/v1/sources/${pick(random, sourceIds)}/deliver` : "/api/v1/events";
    const headers: Record<string, string> = { "content-type": pick(random, MEDIA_TYPES) };
    let body: Uint8Array;
    if (kind < 0.45) body = bent(random, pick(random, bodies));
    else if (kind < 0.7) {
      const document = anyDocument(random);
      body = bytesOf(deliver ? document : event(random, document));
      if (!deliver) headers["content-type"] = "application/cloudevents+json";
    } else if (kind < 0.8) {
      const list = Array.from({ length: 1 + Math.floor(random() * 8) }, () =>
        event(random, anyDocument(random)),
      );
      body = bytesOf(`[${list.join(",")}]`);
      headers["content-type"] = "application/cloudevents-batch+json";
    } else if (kind < 0.86)
      body = bytesOf(pick(random, ["[", '{"a":', '[{"a":']).repeat(1 + Math.floor(random() * 20_000)));
    else if (kind < 0.9)
      body = Uint8Array.from({ length: Math.floor(random() * 600) }, () => Math.floor(random() * 256));
    else if (kind < 0.93) {
      headers["content-encoding"] = pick(random, ["gzip", "deflate", "br", "x"]);
      body = random() < 0.2 ? BOMB : bent(random, gzipSync(bytesOf(anyDocument(random))));
    } else if (kind < 0.94) body = random() < 0.5 ? LARGE : bytesOf(JSON.stringify([...Array(1_500).keys()]));
    else if (kind < 0.97) {
      body = bytesOf(anyDocument(random));
      for (const name of ["id", "type", "source", "subject", "specversion", "time"]) {
        if (random() < 0.7)
          headers[`ce-${name}`] = pick(random, [
            "1.0",
            "",
            "%00",
            "%F0%9F",
            "\u00e9",
            "x".repeat(3_000),
            "1",
          ]);
      }
    } else body = new Uint8Array();
    const method = random() < 0.97 ? "POST" : pick(random, ["PUT", "GET", "DELETE", "PATCH", "OPTIONS"]);
    const query =
      random() < 0.1 ? pick(random, ["?backfill=true", "?backfill=%00", "?key=x", "?%ff", "?a=1&a=2"]) : "";
    yield { method, path: `${path}${query}`, headers, body: method === "GET" ? new Uint8Array() : body };
  }
}
