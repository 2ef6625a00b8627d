import { createHmac, randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import { CloudEvent, HTTP } from "cloudevents";
import { afterEach, describe, expect, it } from "vitest";
import { outgoingOf } from "#lib/domain/siem/outgoing";
import { readAllowed } from "#lib/outbound/address";
import { outboundTo } from "#lib/outbound/client";
import { outboundStreamTo } from "#lib/outbound/stream";
import { FEED_SAMPLES } from "#tests/feed-samples";
import { type HttpStub, type StubAnswer, startHttp } from "#tests/stubs/http";
import { newAuthority } from "#tests/stubs/pki";
import { SINKS } from "./registry.ts";

const emitter = { version: "1.8.0", productVersion: "1.0.0", url: null } as const;
const EVENTS = FEED_SAMPLES.flatMap((item) => outgoingOf(item, emitter) ?? []);
const NOW = Date.parse("2026-03-01T12:00:00Z");
const allowed = readAllowed("127.0.0.1");

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function receiver(answer: StubAnswer = { body: {} }): Promise<HttpStub> {
  const stub = await startHttp(() => answer);
  closing.push(stub.close);
  return stub;
}

function deliver(kind: string, settings: object, secrets: object, events = EVENTS) {
  const sink = SINKS.find((known) => known.kind === kind);
  if (!sink) throw new Error(`no kind ${kind}`);
  return sink.deliver(
    {
      settings: sink.settings.parse(settings),
      secrets: sink.secrets.parse(secrets),
      request: outboundTo(allowed),
      stream: outboundStreamTo(allowed),
      ...{ productVersion: "1.0.0", url: null, nowMs: NOW, signal: new AbortController().signal },
    },
    events,
  );
}

const idsOf = (events: readonly { metadata: { uid: string } }[]) =>
  events.map(({ metadata }) => metadata.uid);
const IDS = EVENTS.map(({ id }) => id);
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "taken",
    (error: { failure?: string }) => error.failure,
  );

describe("JSON lines", () => {
  it("are one OCSF event each, in order, with the token", async () => {
    const { url, requests } = await receiver();
    await deliver("ndjson", { url }, { token: "t1" });
    const [request] = requests;
    expect(request?.headers).toMatchObject({
      authorization: "Bearer t1",
      "content-type": "application/x-ndjson",
    });
    const lines = (request?.body ?? "").trimEnd().split("\n");
    expect(idsOf(lines.map((line) => JSON.parse(line)))).toEqual(IDS);
  });
});

describe("Splunk's collector", () => {
  it("gets events with their time in seconds, host and id", async () => {
    const { url, requests } = await receiver();
    await deliver("splunk-hec", { url, index: "trust" }, { token: "t1" });
    const [request] = requests;
    expect(request?.headers.authorization).toBe("Splunk t1");
    const lines = (request?.body ?? "").split("\n").map((line) => JSON.parse(line));
    expect(lines.map(({ fields }) => fields.touchstone_id)).toEqual(IDS);
    expect(lines[0]).toMatchObject({ time: "1772366400.123", index: "trust", sourcetype: "ocsf" });
    expect(idsOf(lines.map(({ event }) => event))).toEqual(IDS);
  });
});

describe("an OTLP receiver", () => {
  it("gets log records with nanoseconds as text, severity and name", async () => {
    const { url, requests } = await receiver();
    await deliver("otlp", { url: `${url}/v1/logs` }, {});
    const [{ resource, scopeLogs }] = JSON.parse(requests[0]?.body ?? "").resourceLogs;
    expect(resource.attributes[0]).toEqual({ key: "service.name", value: { stringValue: "touchstone" } });
    const [record] = scopeLogs[0].logRecords;
    expect(record).toMatchObject({
      timeUnixNano: "1772366400123000000",
      eventName: "node.trust_changed.v1",
      severityNumber: 9,
    });
    expect(scopeLogs[0].logRecords).toHaveLength(EVENTS.length);
  });

  it("that refuses some of the records has refused them all until they are told apart", async () => {
    const { url } = await receiver({
      body: { partialSuccess: { rejectedLogRecords: "1", errorMessage: "x" } },
    });
    expect(await failureOf(deliver("otlp", { url }, {}))).toBe("refused");
  });
});

describe("a webhook", () => {
  const secret = `whsec_${randomBytes(32).toString("base64")}`;

  it("is a CloudEvent whose id is that of the signed message", async () => {
    const { url, requests } = await receiver();
    await deliver("webhook", { url }, { secret }, EVENTS.slice(0, 2));
    expect(requests).toHaveLength(2);
    for (const [index, { headers, body }] of requests.entries()) {
      const event = HTTP.toEvent({ headers: { ...headers }, body }) as CloudEvent<unknown>;
      expect(event).toBeInstanceOf(CloudEvent);
      expect(event.validate()).toBe(true);
      expect(event).toMatchObject({ id: IDS[index], type: `dev.touchstone.${EVENTS[index]?.type}` });
      expect(headers["webhook-id"]).toBe(event.id);
      const key = Buffer.from(secret.slice(6), "base64");
      const content = `${event.id}.${headers["webhook-timestamp"]}.${body}`;
      expect(headers["webhook-signature"]).toBe(
        `v1,${createHmac("sha256", key).update(content).digest("base64")}`,
      );
    }
  });
});

describe("syslog over TLS", () => {
  const authority = newAuthority("syslog test");
  const { cert, key } = authority.issue("127.0.0.1", "server");

  async function syslogServer() {
    const chunks: Buffer[] = [];
    const server = createServer({ cert, key }, (socket) => {
      socket.on("data", (chunk) => chunks.push(chunk));
      socket.on("error", () => {});
    });
    server.on("tlsClientError", () => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(() => new Promise((resolve) => server.close(() => resolve())));
    const { port } = server.address() as AddressInfo;
    return {
      settings: { host: "127.0.0.1", port, ca: authority.cert },
      received: () => Buffer.concat(chunks),
    };
  }

  /** Reads as RFC 6587 says: a length, a space, so many bytes. */
  function messagesIn(stream: Buffer): string[] {
    const messages: string[] = [];
    for (let rest = stream; rest.length > 0; ) {
      const space = rest.indexOf(0x20);
      const end = space + 1 + Number(rest.subarray(0, space).toString());
      messages.push(rest.subarray(space + 1, end).toString());
      rest = rest.subarray(end);
    }
    return messages;
  }

  it.each(["cef", "ocsf", "text"])("carries every event as %s, counted in bytes", async (format) => {
    const { settings, received } = await syslogServer();
    await deliver("syslog", { ...settings, format }, {});
    const messages = messagesIn(received());
    expect(
      messages.map((message) => /\sid="([^"]+)"/.exec(message)?.[1] ?? / id="([^"]+)"/.exec(message)?.[1]),
    ).toEqual(IDS);
    const start = { cef: /\] CEF:0\|/, ocsf: /\] \{"activity_id"/, text: /\] \ufeff/ }[format];
    expect(messages.every((message) => start?.test(message))).toBe(true);
  });

  it("believes no server that its authority did not vouch for", async () => {
    const { settings, received } = await syslogServer();
    expect(await failureOf(deliver("syslog", { ...settings, ca: newAuthority("x").cert }, {}))).toBe(
      "unavailable",
    );
    expect(received()).toHaveLength(0);
  });

  it("counts nothing as told when nobody speaks TLS there", async () => {
    const { url } = await receiver();
    const settings = { host: "127.0.0.1", port: Number(new URL(url).port), ca: authority.cert };
    expect(await failureOf(deliver("syslog", settings, {}))).toBe("unavailable");
  });
});

describe("what an answer means", () => {
  it.each([
    [200, "taken"],
    [400, "refused"],
    [413, "refused"],
    [422, "refused"],
    [401, "unauthorized"],
    [403, "unauthorized"],
    [404, "unavailable"],
    [410, "gone"],
    [429, "unavailable"],
    [503, "unavailable"],
    [302, "unavailable"],
  ])("%i = %s", async (status, failure) => {
    const { url } = await receiver({ status, headers: status === 302 ? { location: "/" } : {}, body: "" });
    expect(await failureOf(deliver("ndjson", { url }, {}))).toBe(failure);
  });

  it("is never asked of an address inside", async () => {
    const inside = { url: "https://169.254.169.254/x" };
    expect(await failureOf(deliver("ndjson", inside, {}))).toBe("unavailable");
    expect(await failureOf(deliver("syslog", { host: "10.0.0.1" }, {}))).toBe("unavailable");
  });
});
