import { describe, expect, it } from "vitest";
import { eventsOf, interpretAll, summariesOf } from "#tests/bootstrap-events";
import { teleportSource as source } from "./index.ts";

const HOST = "0c1f6f1e-6a53-4c0c-9a51-3f7e8d1c2b3a";
const line = (event: string, more: object = {}) => ({
  event,
  uid: "u-1",
  time: "2026-11-22T11:59:00.5Z",
  code: "X",
  ...more,
});
const device = (code: string, success: boolean, more: object = {}) =>
  line("device", {
    code,
    status: { success },
    device: { device_id: HOST, asset_tag: "JX-20431" },
    user: { user: "ann" },
    ...more,
  });

describe("audit log", () => {
  it.each([
    [line("instance.join", { success: true }), "enrollment.credential_issued success -"],
    [line("instance.join", { success: false }), "enrollment.failed failure unknown"],
    [line("instance.join"), "enrollment.failed failure unknown"],
    [line("join_token.create", { user: "ann" }), "enrollment.token_issued success -"],
    [device("TV001I", true), "provisioning.registered success -"],
    [device("TV002I", true), "node.removed success -"],
    [device("TV003I", true), "enrollment.token_issued success -"],
    [device("TV003E", false), "enrollment.failed failure unknown"],
    [device("TV004I", true), "enrollment.credential_issued success -"],
    [device("TV004I", false), "enrollment.failed failure unknown"],
    [line("lock.created", { target: { server_id: HOST } }), "identity.banned success -"],
    [line("lock.created", { target: { device: HOST } }), "identity.banned success -"],
  ])("maps %j", async (one, summary) => {
    expect(await summariesOf(source, one)).toEqual([summary]);
  });

  it.each([
    [line("user.login")],
    [line("bot.join", { success: true })],
    [line("lock.created", { target: { user: "mallory" } })],
    [line("lock.created", { name: "lock-name" })],
    [line("lock.deleted", { name: "lock-name" })],
    [device("TV001I", false)],
    [device("TV002I", false)],
    [device("TV005I", true)],
    [device("TV006I", true)],
    [device("nonsense", true)],
  ])("ignores %j", async (one) => {
    expect(await eventsOf(source, one)).toEqual([]);
  });

  it("names instances and devices by Teleport's ids, never by a name alone", async () => {
    const join = { success: true, method: "iam", node_name: "w-7", "addr.remote": "192.0.2.7:1" };
    expect((await eventsOf(source, line("instance.join", join)))[0]).toMatchObject({
      identities: [{ kind: "hostname", value: "w-7" }],
      method: "iam",
      actor: { kind: "node", address: "192.0.2.7:1" },
      externalId: "u-1",
    });
    const [known] = await eventsOf(source, line("instance.join", { ...join, host_id: HOST }));
    expect(known?.identities[0]).toEqual({ kind: "custom", value: `teleport/${HOST}` });
    const [enrolled] = await eventsOf(source, device("TV004I", true));
    expect(enrolled?.identities).toEqual([
      { kind: "custom", value: `teleport/${HOST}` },
      { kind: "serial", value: "JX-20431" },
    ]);
    expect(enrolled?.actor).toMatchObject({ kind: "user", id: "ann" });
  });

  it("does not store a token that shows in full", async () => {
    const stored = async (token_name: string) => {
      const { items, rejections } = await interpretAll(source, [
        line("instance.join", { success: true, token_name }),
        line("instance.join", { success: true, token_name, time: "never" }),
      ]);
      expect([items.length, rejections.length]).toEqual([1, 1]);
      return [...items, ...rejections].map(({ raw }) => new TextDecoder().decode(raw)).join();
    };
    expect(await stored("s3cret-token")).not.toContain("s3cret");
    expect(await stored("*s3cret")).not.toContain("s3cret");
    expect(await stored("************a2418147")).toContain("a2418147");
  });

  it("refuses lines without event or time, and takes the digest where there is no uid", async () => {
    const { rejections } = await interpretAll(source, [
      { code: "TJ002I" },
      line("instance.join", { time: undefined }),
    ]);
    expect(rejections).toHaveLength(2);
    const [event] = await eventsOf(source, line("instance.join", { uid: undefined }));
    expect(event?.externalId).toMatch(/^[0-9a-f]{64}$/);
  });
});
