import { describe, expect, it } from "vitest";
import type { BootstrapEvent } from "#lib/domain/bootstrap-event";
import { type ContextOptions, contextOf, messageOf, NOW_MS, sha256 } from "#tests/source-testing";
import { spireSource } from "./index.ts";

const AGENT = "spiffe://td.example/spire/agent/tpm_devid/3f9c";
const base = {
  type: "audit",
  service: "agent.v1.Agent",
  method: "AttestAgent",
  status: "success",
  time: "2026-11-22T12:00:00Z",
  request_id: "r-1",
  agent_id: AGENT,
  caller_addr: "192.0.2.7:40024",
};
const failed = (status_message: string, status_code = "InvalidArgument") => ({
  status: "error",
  status_code,
  status_message,
});

const interpret = (lines: (object | string)[], options?: ContextOptions) => {
  const text = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n");
  return spireSource.interpret(messageOf(text), contextOf(options));
};

async function events(lines: (object | string)[], options?: ContextOptions): Promise<BootstrapEvent[]> {
  const { items } = await interpret(lines, options);
  return items.flatMap((item) => (item.kind === "bootstrap" ? [item.event] : []));
}

async function event(more: object, options?: ContextOptions): Promise<BootstrapEvent> {
  const [first] = await events([{ ...base, ...more }], options);
  if (first === undefined) throw new Error("no event");
  return first;
}

async function problems(lines: (object | string)[], options?: ContextOptions): Promise<string[]> {
  const { rejections } = await interpret(lines, options);
  return rejections.map(({ category, code }) => `${category} ${code}`);
}

describe("calls", () => {
  it.each([
    [{ method: "AttestAgent" }, "enrollment.credential_issued", "success"],
    [{ method: "RenewAgent" }, "enrollment.credential_renewed", "success"],
    [{ method: "CreateJoinToken" }, "enrollment.token_issued", "success"],
    [{ method: "BanAgent" }, "identity.banned", "success"],
    [{ method: "DeleteAgent" }, "identity.evicted", "success"],
    [{ method: "AttestAgent", ...failed("x") }, "enrollment.failed", "failure"],
    [{ method: "AttestAgent", ...failed("x", "PermissionDenied") }, "enrollment.denied", "denied"],
    [{ method: "RenewAgent", ...failed("x", "PermissionDenied") }, "enrollment.denied", "denied"],
    [{ method: "BanAgent", ...failed("x", "Internal") }, "remediation.external_failed", "failure"],
    [{ method: "DeleteAgent", ...failed("x", "PermissionDenied") }, "remediation.external_blocked", "denied"],
    [{ method: "AttestAgent", status: "error" }, "enrollment.failed", "failure"],
  ])("maps %j", async (more, type, outcome) => {
    expect(await event(more)).toMatchObject({ type, outcome });
  });

  it.each(["CountAgents", "ListAgents", "GetAgent", "PostStatus", "toString"])(
    "ignores %s, even when it fails",
    async (method) => {
      expect(
        await interpret([
          { ...base, method },
          { ...base, method, ...failed("x") },
        ]),
      ).toEqual({ items: [], rejections: [] });
    },
  );

  it("ignores other services, other log lines and blank lines, without refusing them", async () => {
    const lines = [
      "",
      "  ",
      { ...base, service: "entry.v1.Entry" },
      { level: "info", msg: "x" },
      { ...base, type: "other" },
      "\r",
    ];
    expect(await interpret(lines)).toEqual({ items: [], rejections: [] });
    expect(await events([{ ...base, service: "spire.api.server.agent.v1.Agent" }])).toHaveLength(1);
  });

  it.each([
    [
      "failed to attest: join token does not exist or has already been used",
      "InvalidArgument",
      "token_unknown_or_used",
    ],
    ["join token expired", "InvalidArgument", "token_expired"],
    ["failed to attest: agent is banned", "PermissionDenied", "banned"],
    ["rejecting request due to attest agent rate limiting: x", "Unknown", "rate_limited"],
    [
      "nodeattestor(tpm_devid): unable to verify DevID signature: x509: certificate signed by unknown authority",
      "InvalidArgument",
      "untrusted_issuer",
    ],
    ["nodeattestor(x509pop): challenge response verification failed", "InvalidArgument", "signature_invalid"],
    ["IID has already been used to attest an agent", "PermissionDenied", "tofu_conflict"],
    ["DevID is not in the same TPM", "InvalidArgument", "key_not_resident"],
    ["agent ID cannot collide with the server ID", "Internal", "subject_mismatch"],
    ["failed to fetch agent: some error", "Internal", "upstream_error"],
    ["context deadline exceeded", "Internal", "timeout"],
    ["agent must reattest instead of renew", "PermissionDenied", "unknown"],
    ['could not find node attestor type "agent is banned"', "FailedPrecondition", "unknown"],
    ['bad type "a \\" join token expired"', "InvalidArgument", "unknown"],
    ["", "InvalidArgument", "unknown"],
  ])("classifies %j", async (message, code, reason) => {
    const { reasonCode, reasonText } = await event(failed(message, code));
    expect(reasonCode).toBe(reason);
    expect(reasonText).toBe(message === "" ? null : message);
  });

  it("keeps a failure whose caller sent too many words, and does not dwell on them", async () => {
    const started = performance.now();
    const { reasonText, method } = await event({
      ...failed(`"${'\\"'.repeat(10_000)}`),
      node_attestor_type: "x".repeat(1_000),
    });
    expect(reasonText).toHaveLength(500);
    expect(method).toHaveLength(128);
    expect(performance.now() - started).toBeLessThan(200);
    expect((await event(failed(`${"x".repeat(2048)} join token expired`))).reasonCode).toBe("unknown");
  });

  it("gives no reason for a success", async () => {
    expect(await event({ status_message: "join token expired" })).toMatchObject({
      reasonCode: null,
      reasonText: null,
    });
  });
});

describe("who", () => {
  it.each([
    ["AttestAgent", "agent_id"],
    ["RenewAgent", "caller_id"],
    ["BanAgent", "spiffe_id"],
    ["DeleteAgent", "spiffe_id"],
    ["CreateJoinToken", "spiffe_id"],
  ])("takes the node of %s from %s alone", async (method, field) => {
    const ids = {
      agent_id: "spiffe://x/agent_id",
      spiffe_id: "spiffe://x/spiffe_id",
      caller_id: "spiffe://x/caller_id",
    };
    expect((await event({ method, ...ids })).identities).toEqual([
      { kind: "spiffe_id", value: `spiffe://x/${field}` },
    ]);
  });

  it("leaves a failure without agent id unattributed, with the caller's address", async () => {
    const { identities, actor } = await event({ agent_id: undefined, ...failed("join token expired") });
    expect(identities).toEqual([]);
    expect(actor).toEqual({ kind: "node", id: null, address: "192.0.2.7:40024" });
  });

  it("refuses an agent id that is no SPIFFE ID", async () => {
    expect(await problems([{ ...base, agent_id: "agent-1" }])).toEqual(["claims event/claims"]);
    expect(await problems([{ ...base, agent_id: "spiffe://a\n" }])).toEqual(["claims event/claims"]);
    expect(await problems([{ ...base, agent_id: `spiffe://${"a".repeat(250)}` }])).toEqual([
      "claims event/claims",
    ]);
  });

  it("names who banned an agent", async () => {
    const ban = { method: "BanAgent", spiffe_id: AGENT, agent_id: undefined };
    expect((await event({ ...ban, caller_id: "spiffe://td/admin" })).actor).toMatchObject({
      kind: "service",
      id: "spiffe://td/admin",
    });
    expect((await event({ ...ban, caller_uid: 0 })).actor).toMatchObject({ kind: "user", id: "uid:0" });
    expect((await event(ban)).actor).toMatchObject({ kind: "unknown", id: null });
  });
});

describe("lines", () => {
  it("loses no good line to a bad one", async () => {
    const lines = [
      base,
      "{",
      "[]",
      "7",
      { ...base, status: "maybe" },
      { ...base, request_id: "r-2" },
      '{"type":"audit","method":"Att',
    ];
    expect(await events(lines)).toHaveLength(2);
    expect(await problems(lines)).toHaveLength(5);
  });

  it("refuses only the line whose bytes are not UTF-8", async () => {
    const good = new TextEncoder().encode(`${JSON.stringify(base)}\r\n`);
    const body = new Uint8Array([...good, 0x22, 0xff, 0x22, 0x0a, ...good]);
    const { items, rejections } = await spireSource.interpret(messageOf(body), contextOf());
    expect(items).toHaveLength(2);
    expect(rejections.map(({ raw }) => [...raw])).toEqual([[0x22, 0xff, 0x22]]);
  });

  it("rests each event on its own line", async () => {
    const { items } = await interpret([base, { ...base, request_id: "r-2" }]);
    expect(new TextDecoder().decode(items[1]?.raw)).toBe(JSON.stringify({ ...base, request_id: "r-2" }));
  });

  it("numbers the lines of one call and recognises a line that was shipped twice", async () => {
    const second = { ...base, node_attestor_type: "x509pop" };
    const ids = (await events([base, second, base])).map(({ externalId }) => externalId);
    expect(ids).toEqual(["r-1:AttestAgent", "r-1:AttestAgent:2", "r-1:AttestAgent"]);
  });

  it("takes the digest of the line when it carries no request id", async () => {
    const line = { ...base, request_id: undefined };
    expect((await events([line]))[0]?.externalId).toBe(
      sha256(new TextEncoder().encode(JSON.stringify(line))),
    );
  });

  it("keeps join tokens and CSRs out of what is stored, also of refused lines", async () => {
    const secret = { ...base, join_token: "s3cret", csr: "ab" };
    const { items, rejections } = await interpret([secret, { ...secret, status: "maybe" }]);
    expect(items[0]).toMatchObject({
      event: { redactions: ["/join_token", "/csr"], externalId: "r-1:AttestAgent" },
    });
    for (const { raw } of [...items, ...rejections])
      expect(new TextDecoder().decode(raw)).not.toMatch(/s3cret|csr/);
    expect(rejections).toHaveLength(1);
  });

  it("refuses what is empty, too large, or too many lines", async () => {
    expect(await problems([""])).toEqual(["malformed event/malformed"]);
    expect(await problems(["x".repeat(4_194_305)])).toEqual(["malformed event/too-large"]);
    expect(await problems([`{"a":"${"x".repeat(65_536)}"}`])).toEqual(["malformed event/too-large"]);
    expect(await problems(Array(20_001).fill("{}"))).toEqual(["malformed batch/too-many"]);
    expect(await problems(Array(20_000).fill("{}"))).toEqual([]);
  });
});

describe("time", () => {
  const untimed = { ...base, time: undefined };

  it("takes the time of receipt when the whole log carries no times", async () => {
    expect((await events([untimed]))[0]?.occurredAtMs).toBe(NOW_MS);
  });

  it("refuses a line without time among others that have one, and in history", async () => {
    expect(await problems([untimed, { level: "info", time: base.time }])).toEqual(["claims event/claims"]);
    expect(await problems([untimed], { backfill: true })).toEqual(["claims event/claims"]);
  });

  it("refuses each line that lies outside the window, or whose time is none", async () => {
    expect(await problems([{ ...base, time: "2026-11-22T11:54:59Z" }, base])).toEqual([
      "expired event/expired",
    ]);
    expect(await problems([{ ...base, time: "2026-11-22T12:05:01Z" }])).toEqual(["expired event/future"]);
    expect(await problems([{ ...base, time: "yesterday" }])).toEqual(["claims event/claims"]);
    expect(await events([{ ...base, time: "2020-01-01T00:00:00.5Z" }], { backfill: true })).toHaveLength(1);
  });
});
