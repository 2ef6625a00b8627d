import { createHmac, createSecretKey } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Source } from "#lib/sources/contract";
import { standardWebhooksSource } from "#lib/sources/standard-webhooks/index";
import { stepCaSource } from "#lib/sources/step-ca/index";
import { tailscaleSource } from "#lib/sources/tailscale/index";
import { type ContextOptions, contextOf, messageOf, NOW_MS } from "#tests/source-testing";

const SECRET = "a secret of some length";
const keys = [{ kid: "hook", alg: "HS256", key: createSecretKey(Buffer.from(SECRET)) }];
const hmac = (content: string) => createHmac("sha256", SECRET).update(content).digest();
const STAMP = String(NOW_MS / 1_000);
const NOW = "2026-11-22T12:00:00Z";

const headersOf: Readonly<Record<string, (body: string) => Record<string, string>>> = {
  "standard-webhooks": (body) => ({
    "webhook-id": "msg_1",
    "webhook-timestamp": STAMP,
    "webhook-signature": `v1,${hmac(`msg_1.${STAMP}.${body}`).toString("base64")}`,
  }),
  tailscale: (body) => ({
    "tailscale-webhook-signature": `t=${STAMP},v1=${hmac(`${STAMP}.${body}`).toString("hex")}`,
  }),
  "step-ca": (body) => ({ "x-smallstep-signature": hmac(body).toString("hex") }),
};

async function deliver(source: Source, document: unknown, options: ContextOptions = {}, signed = document) {
  const body = JSON.stringify(document);
  const headers = new Map(Object.entries(headersOf[source.kind]?.(JSON.stringify(signed)) ?? {}));
  const { items, rejections } = await source.interpret(
    { ...messageOf(body), headers },
    contextOf({ keys, ...options }),
  );
  return {
    events: items.flatMap((item) => (item.kind === "bootstrap" ? [item.event] : [])),
    items,
    codes: rejections.map(({ code }) => code),
  };
}

const SAMPLES = [
  [standardWebhooksSource, { type: "enrollment.failed", timestamp: NOW, data: { outcome: "failure" } }],
  [tailscaleSource, [{ type: "nodeCreated", timestamp: NOW, data: { nodeID: "n1" } }]],
  [stepCaSource, { timestamp: NOW, x509CertificateRequest: {} }],
] as const;

describe.each(SAMPLES.map(([source, sample]) => [source.kind, source, sample] as const))(
  "%s",
  (_, source, sample) => {
    it("takes what is signed, with the whole body as evidence", async () => {
      const { items, codes } = await deliver(source, sample);
      expect(codes).toEqual([]);
      expect(items).toHaveLength(1);
      expect(items[0]?.signature).toMatchObject({ status: "verified", kid: "hook", alg: "HS256" });
      expect(new TextDecoder().decode(items[0]?.raw)).toBe(JSON.stringify(sample));
    });

    it("refuses another body, no headers, no key and another key", async () => {
      expect(await deliver(source, sample, {}, { other: 1 })).toMatchObject({
        items: [],
        codes: ["event/signature"],
      });
      expect(await deliver(source, sample, { keys: [] })).toMatchObject({ items: [], codes: ["event/key"] });
      const other = [{ kid: "o", alg: "HS256", key: createSecretKey(Buffer.from("other")) }];
      expect(await deliver(source, sample, { keys: other })).toMatchObject({
        items: [],
        codes: ["event/signature"],
      });
      const bare = await source.interpret(messageOf(JSON.stringify(sample)), contextOf({ keys }));
      expect(bare.rejections.map(({ code }) => code)).toEqual(["event/signature"]);
    });

    it("refuses what is older than five minutes, unless it is history", async () => {
      const later = { nowMs: NOW_MS + 300_001 };
      expect(await deliver(source, sample, later)).toMatchObject({ items: [], codes: ["event/expired"] });
      expect(
        (await deliver(source, sample, { nowMs: NOW_MS + 86_400_000_000, backfill: true })).items,
      ).toHaveLength(1);
    });

    it("refuses signed nonsense without throwing", async () => {
      for (const nonsense of [
        7,
        "x",
        null,
        {},
        [{}],
        [7],
        { type: 7, timestamp: 7, data: 7 },
        { x509Certificate: 7 },
      ]) {
        const { items, codes } = await deliver(source, nonsense);
        expect(items).toEqual([]);
        expect(codes.length).toBeGreaterThan(0);
      }
    });

    it("asks for signatures and has a page", () => {
      expect(source.unsignedAllowed).toBe(false);
      expect(source.guide).toBe(`connect-${source.kind}`);
    });
  },
);

describe("Standard Webhooks", () => {
  it("takes the members of the event from the payload and its id from the delivery", async () => {
    const data = {
      outcome: "denied",
      reasonCode: "banned",
      reasonText: "on the list",
      identities: [{ kind: "serial", value: "JX-20431" }],
      displayName: "rack7-03",
      method: "tpm_devid",
    };
    const { events } = await deliver(standardWebhooksSource, {
      type: "enrollment.denied",
      timestamp: NOW,
      data,
    });
    expect(events).toMatchObject([
      { externalId: "msg_1", type: "enrollment.denied", occurredAtMs: NOW_MS, ...data },
    ]);
  });

  it("takes one event of a delivery, and says so of every other", async () => {
    const ready = { type: "node.ready", timestamp: NOW, data: { outcome: "success" } };
    const { events, codes } = await deliver(standardWebhooksSource, [ready, ready]);
    expect(events).toHaveLength(1);
    expect(codes).toEqual(["event/malformed"]);
  });

  it.each([
    { type: "enrollment.denied", timestamp: "today", data: { outcome: "denied" } },
    { type: "enrollment.vanished", timestamp: NOW, data: { outcome: "denied" } },
    { type: "enrollment.denied", timestamp: NOW, data: { outcome: "denied", outcom: 1 } },
    {
      type: "enrollment.denied",
      timestamp: NOW,
      data: { outcome: "denied", identities: [{ kind: "mac", value: "a\nb" }] },
    },
  ])("refuses %j", async (payload) => {
    expect((await deliver(standardWebhooksSource, payload)).codes).toHaveLength(1);
  });
});

describe("Tailscale", () => {
  it.each([
    ["nodeCreated", "node.registered success"],
    ["nodeNeedsApproval", "enrollment.requested pending"],
    ["nodeNeedsSignature", "enrollment.requested pending"],
    ["nodeApproved", "enrollment.approved success"],
    ["nodeSigned", "enrollment.credential_issued success"],
    ["nodeKeyExpired", "enrollment.credential_expired info"],
    ["nodeDeleted", "node.removed success"],
  ])("maps %s", async (type, summary) => {
    const data = { nodeID: "n1CNTRL", deviceName: "w-7.example.ts.net", actor: "ann@example.com" };
    const { events } = await deliver(tailscaleSource, [
      { type, timestamp: NOW, data },
      { type: "userCreated", timestamp: NOW },
    ]);
    expect(events.map((event) => `${event.type} ${event.outcome}`)).toEqual([summary]);
    expect(events[0]).toMatchObject({
      externalId: `${type}:n1CNTRL:2026-11-22T12:00:00.000Z`,
      identities: [
        { kind: "custom", value: "tailscale/n1CNTRL" },
        { kind: "hostname", value: "w-7.example.ts.net" },
      ],
      actor: { kind: "user", id: "ann@example.com" },
    });
  });
});

describe("step-ca", () => {
  it("tells a request from a certificate, and calls neither done", async () => {
    const attestationData = { permanentIdentifier: "JX-20431" };
    const request = {
      timestamp: NOW,
      attestationData,
      x509CertificateRequest: { subject: { commonName: "w-7" } },
    };
    expect((await deliver(stepCaSource, request)).events).toMatchObject([
      {
        type: "enrollment.requested",
        outcome: "pending",
        method: "device-attest-01",
        identities: [
          { kind: "custom", value: "step-ca/JX-20431" },
          { kind: "hostname", value: "w-7" },
        ],
      },
    ]);
    const certificate = { timestamp: NOW, x509Certificate: { dnsNames: ["w-7.example"] } };
    expect((await deliver(stepCaSource, certificate)).events).toMatchObject([
      {
        type: "enrollment.credential_issued",
        outcome: "pending",
        method: null,
        identities: [{ kind: "hostname" }],
      },
    ]);
  });
});
