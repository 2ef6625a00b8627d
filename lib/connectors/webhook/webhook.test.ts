import { generateKeyPairSync, randomBytes } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Rig, rigContext } from "#tests/stubs/connectors/rig";
import { webhookRig } from "#tests/stubs/connectors/webhook";
import { type ReceiverFake, startReceiver } from "#tests/stubs/webhook-receiver";
import { signWebhook, verifyWebhook } from "./signature.ts";

const { connector } = webhookRig;
const NOW = Date.parse("2026-06-01T12:00:00Z");
const TARGET = { ref: "n1", words: "worker-1", uid: null };
const headersOf = (headers: Record<string, string>) => ({
  id: headers["webhook-id"] ?? "",
  timestamp: headers["webhook-timestamp"] ?? "",
  signature: headers["webhook-signature"] ?? "",
});

describe("a signature", () => {
  it("is the one that the standardwebhooks package makes and accepts", () => {
    const secret = `whsec_${randomBytes(32).toString("base64")}`;
    const theirs = new Webhook(secret);
    const now = Date.now();
    const body = '{"type":"x","data":{}}';
    const ours = signWebhook(secret, "msg_1", now, body);
    expect(theirs.verify(body, ours)).toEqual({ type: "x", data: {} });
    const signature = theirs.sign("msg_1", new Date(now), body);
    const given = { id: "msg_1", timestamp: String(Math.floor(now / 1_000)), signature };
    expect(verifyWebhook(secret, given, body, now)).toBe(true);
  });

  it("of an Ed25519 key verifies with its public half, and with nothing else", () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const seed = privateKey.export({ format: "der", type: "pkcs8" }).subarray(-32);
    const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
    const [own, shown] = [`whsk_${seed.toString("base64")}`, `whpk_${raw.toString("base64")}`];
    const signed = headersOf(signWebhook(own, "m", NOW, "body"));
    expect(verifyWebhook(shown, signed, "body", NOW)).toBe(true);
    expect(verifyWebhook(shown, signed, "body ", NOW)).toBe(false);
    expect(verifyWebhook(`whsec_${raw.toString("base64")}`, signed, "body", NOW)).toBe(false);
  });

  it("counts for nothing when it is old, from the future, of another message or of another secret", () => {
    const secret = `whsec_${randomBytes(32).toString("base64")}`;
    const signed = headersOf(signWebhook(secret, "m", NOW, "body"));
    expect(verifyWebhook(secret, signed, "body", NOW + 299_000)).toBe(true);
    expect(verifyWebhook(secret, signed, "body", NOW + 301_000)).toBe(false);
    expect(verifyWebhook(secret, signed, "body", NOW - 301_000)).toBe(false);
    expect(verifyWebhook(secret, { ...signed, id: "n" }, "body", NOW)).toBe(false);
    expect(verifyWebhook(secret, { ...signed, timestamp: "x" }, "body", NOW)).toBe(false);
    const other = `whsec_${randomBytes(32).toString("base64")}`;
    expect(verifyWebhook(other, signed, "body", NOW)).toBe(false);
  });
});

describe("a request", () => {
  let rig: Rig;
  let fake: ReceiverFake;
  const memory = new Map<string, unknown>();

  beforeEach(async () => {
    rig = await webhookRig.start();
    await rig.fake.close();
    const receiver = new Webhook(rig.secrets.signing ?? "");
    fake = await startReceiver((body, headers) => {
      try {
        receiver.verify(body, headers);
        return true;
      } catch {
        return false;
      }
    });
    rig = { ...rig, fake, settings: { url: `${fake.url}/hook` } };
    memory.clear();
  });
  afterEach(() => fake.close());
  const ctx = (overrides = {}) => rigContext(webhookRig, rig, memory, { nowMs: Date.now(), ...overrides });

  it("is accepted by a receiver that checks it, names the node and says where to report", async () => {
    await connector.start(ctx(), TARGET, "isolate", "k");
    expect(fake.taken.get("k")).toMatchObject({
      type: "touchstone.remediation.execute",
      data: {
        id: "k",
        verb: "isolate",
        node: { ref: "n1", name: "worker-1" },
        callbackUrl: expect.stringMatching(/\/callbacks$/),
      },
    });
  });

  it("is sent again under the same id while nothing is reported, and not once something is", async () => {
    await connector.start(ctx(), TARGET, "isolate", "k");
    await connector.start(ctx(), TARGET, "isolate", "k");
    expect(fake.requests.map(({ headers }) => headers["webhook-id"])).toEqual(["k", "k"]);
    memory.set("report:k", { state: "failed", detail: "no port" });
    await connector.start(ctx(), TARGET, "isolate", "k");
    expect(fake.requests).toHaveLength(2);
    expect(await connector.observe(ctx(), TARGET, "isolate", "k")).toMatchObject({
      state: "failed",
      detail: "no port",
    });
  });

  it("is taken back by an abort while it runs", async () => {
    await connector.start(ctx(), TARGET, "isolate", "k");
    await connector.abort(ctx(), TARGET, "isolate", "k");
    expect(fake.taken.get("k:abort")).toMatchObject({
      type: "touchstone.remediation.abort",
      data: { id: "k" },
    });
  });

  it("is not sent when nobody could report back", async () => {
    const deaf = ctx({ callbackUrl: null });
    expect((await connector.preview(deaf, TARGET, "isolate")).ok).toBe(false);
    await expect(connector.start(deaf, TARGET, "isolate", "k")).rejects.toMatchObject({ kind: "refused" });
    expect(fake.requests).toEqual([]);
  });
});
