import { createPublicKey, verify } from "node:crypto";
import { createServer } from "node:net";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NOTHING_ALLOWED, opening, readAllowed } from "#lib/outbound/address";
import { outboundTo } from "#lib/outbound/client";
import { mailTo } from "#lib/outbound/mail";
import { type HttpStub, type StubAnswer, type StubRequest, startHttp } from "#tests/stubs/http";
import { type Channel, ChannelError, type Message, type Verb } from "./contract.ts";
import { CHANNELS } from "./registry.ts";

const HOSTILE = "<!channel> *bold* [a](https://evil.example) <@U1> {noformat} & \u202eabc";
const KEY = "01a20000-0000-7000-8000-00000000000a";

const message = (verb: Verb, more: Partial<Message> = {}): Message => ({
  id: "01a20000-0000-7000-8000-00000000000b",
  verb,
  dedupKey: KEY,
  title: HOSTILE,
  severity: "critical",
  url: "https://touchstone.example/nodes/1",
  events: [
    {
      id: "01a20000-0000-7000-8000-00000000000c",
      trustDomainId: KEY,
      kind: "node.failed",
      severity: "critical",
      thread: "node:1",
      effect: "opens",
      labels: {},
      title: HOSTILE,
      summary: "",
      url: "https://touchstone.example/nodes/1",
      at: "2026-06-01T12:00:00.000Z",
    },
  ],
  by: verb === "trigger" ? null : "ann@example.org",
  comment: null,
  at: "2026-06-01T12:00:00.000Z",
  ...more,
});

let stub: HttpStub;
let answer: (request: StubRequest) => StubAnswer = () => ({ body: {} });
beforeEach(async () => {
  answer = () => ({ body: {} });
  stub = await startHttp((request) => answer(request));
});
afterEach(() => stub.close());

const channelOf = (kind: string): Channel => {
  const found = CHANNELS.find((channel) => channel.kind === kind);
  if (!found) throw new Error(`no channel ${kind}`);
  return found;
};

function send(kind: string, settings: object, secrets: object, one: Message, ref: string | null = null) {
  const channel = channelOf(kind);
  const allowed = opening(NOTHING_ALLOWED, stub.url);
  return channel.send(
    {
      settings: channel.settings.parse(settings),
      secrets: channel.secrets.parse(secrets),
      request: outboundTo(allowed),
      mail: mailTo(allowed),
      ref,
      nowMs: Date.now(),
      signal: new AbortController().signal,
    },
    one,
  );
}
const json = (index = -1) => JSON.parse(stub.requests.at(index)?.body ?? "null") as Record<string, unknown>;

describe("a webhook", () => {
  const url = () => ({ url: `${stub.url}/` });
  const secret = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString("base64")}`;

  it("is verified with the old and with the new secret while they change, and with no other", async () => {
    await send("webhook", url(), { signing: `${secret(1)} ${secret(2)}` }, message("trigger"));
    const [{ body, headers } = { body: "", headers: {} }] = stub.requests;
    const signed = headers as Record<string, string>;
    for (const byte of [1, 2])
      expect(new Webhook(secret(byte)).verify(body, signed)).toMatchObject({
        type: "touchstone.notification.trigger",
      });
    expect(() => new Webhook(secret(3)).verify(body, signed)).toThrow();
    expect(() => new Webhook(secret(1)).verify(`${body} `, signed)).toThrow();
  });

  it("is verified with the public half of an Ed25519 key", async () => {
    // RFC 8032, test 1.
    const seed = Buffer.from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "hex");
    const point = Buffer.from("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "hex");
    await send("webhook", url(), { signing: `whsk_${seed.toString("base64")}` }, message("resolve"));
    const [{ body, headers } = { body: "", headers: {} as StubRequest["headers"] }] = stub.requests;
    const content = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
    const key = createPublicKey({
      key: Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), point]),
      format: "der",
      type: "spki",
    });
    const [scheme, signature = ""] = (headers["webhook-signature"] ?? "").split(",");
    expect(scheme).toBe("v1a");
    expect(verify(null, Buffer.from(content), key, Buffer.from(signature, "base64"))).toBe(true);
  });

  it.each(["", "whsec_c2hvcnQ=", "whpk_AAAA", "plain"])("refuses the secret %j", (signing) => {
    expect(channelOf("webhook").secrets.safeParse({ signing }).success).toBe(false);
  });
});

describe("chats", () => {
  it("show hostile names as text in Slack, where they mention nobody", async () => {
    await send("slack", {}, { url: stub.url }, message("trigger"));
    const { text, blocks } = json() as { text: string; blocks: { type: string; text?: { type: string } }[] };
    expect(text).not.toMatch(/<|>/);
    for (const block of blocks) expect(block.text?.type ?? "plain_text").toBe("plain_text");
  });

  it("show hostile names as text in Teams, where they link to nothing", async () => {
    await send("teams", {}, { url: stub.url }, message("acknowledge"));
    const said = JSON.stringify(json());
    expect(said).toContain("AdaptiveCard");
    expect(said).not.toContain("[a](https");
    expect(said).toContain("ann@example\\\\.org");
  });

  it("say nothing of an address that is a secret when it does not answer", async () => {
    answer = () => ({ status: 503, headers: { "retry-after": "120" }, body: "secret-words" });
    const error = await send(
      "slack",
      {},
      { url: `${stub.url}/T0/B0/token-of-slack` },
      message("trigger"),
    ).catch((caught: ChannelError) => caught);
    expect(error).toBeInstanceOf(ChannelError);
    expect(error).toMatchObject({ message: "Slack answered with 503", status: 503, retryAfterMs: 120_000 });
  });

  it("never lead inside", async () => {
    const channel = channelOf("slack");
    const request = outboundTo(readAllowed(""));
    const ctx = {
      settings: {},
      secrets: { url: "https://169.254.169.254/" },
      request,
      mail: mailTo(readAllowed("")),
      ref: null,
      nowMs: 0,
      signal: new AbortController().signal,
    };
    await expect(channel.send(ctx, message("trigger"))).rejects.toThrow(/not allowed/);
  });
});

it("gives PagerDuty one key for all that is said about a notification", async () => {
  answer = () => ({ status: 202, body: { status: "success" } });
  for (const verb of ["trigger", "acknowledge", "resolve"] as const)
    await send("pagerduty", { url: stub.url }, { routingKey: "R0" }, message(verb));
  const said = stub.requests.map(({ path, body }) => [path, JSON.parse(body)]) as [
    string,
    Record<string, unknown>,
  ][];
  expect(said.map(([path, { event_action, dedup_key }]) => [path, event_action, dedup_key])).toEqual([
    ["/v2/enqueue", "trigger", KEY],
    ["/v2/enqueue", "acknowledge", KEY],
    ["/v2/enqueue", "resolve", KEY],
  ]);
  expect(said[0]?.[1].payload).toMatchObject({ severity: "critical", source: "touchstone" });
});

describe("tickets", () => {
  const jira = () => ({ url: stub.url, project: "SEC", user: "bot@example.org" });

  it("are made once in Jira, linked, commented on and closed, though the first sender died", async () => {
    const issues = new Map<string, { label: string; done: boolean }>();
    answer = ({ method, path, query, body }) => {
      if (path === "/rest/api/3/search/jql") {
        const found = [...issues].filter(([, { label }]) => query.get("jql")?.includes(`"${label}"`));
        return { body: { issues: found.map(([key]) => ({ key })) } };
      }
      if (method === "POST" && path === "/rest/api/2/issue") {
        const { fields } = JSON.parse(body) as { fields: { labels: string[]; description: string } };
        expect(fields.description.match(/\{noformat\}/g)).toHaveLength(2);
        issues.set("SEC-1", { label: fields.labels[1] ?? "", done: false });
        return { status: 201, body: { key: "SEC-1" } };
      }
      const issue = issues.get("SEC-1");
      if (path.endsWith("/transitions") && method === "GET")
        return { body: { transitions: [{ id: "31", to: { statusCategory: { key: "done" } } }] } };
      if (path.endsWith("/transitions") && issue) issue.done = true;
      if (method === "GET")
        return { body: { fields: { status: { statusCategory: { key: issue?.done ? "done" : "new" } } } } };
      return { status: 204, body: "" };
    };
    const secrets = { token: "t" };
    expect(await send("jira", jira(), secrets, message("trigger"))).toMatchObject({ ref: "SEC-1" });
    await send("jira", jira(), secrets, message("trigger"));
    await send("jira", jira(), secrets, message("resolve"), "SEC-1");
    await send("jira", jira(), secrets, message("resolve"), "SEC-1");
    expect([...issues.values()]).toEqual([{ label: `touchstone-${KEY}`, done: true }]);
    const paths = stub.requests.map(({ path }) => path);
    expect(paths.filter((path) => path.endsWith("/remotelink"))).toHaveLength(1);
    expect(stub.requests[0]?.headers.authorization).toBe(
      `Basic ${Buffer.from("bot@example.org:t").toString("base64")}`,
    );
  });

  it("are made once in ServiceNow by their correlation id, noted in and resolved", async () => {
    const rows: Record<string, unknown>[] = [];
    answer = ({ method, body, query }) => {
      if (method === "GET") {
        const found = rows.filter(
          ({ correlation_id }) => query.get("sysparm_query") === `correlation_id=${correlation_id}`,
        );
        return { body: { result: found } };
      }
      const said = JSON.parse(body) as Record<string, unknown>;
      if (method === "POST") rows.push({ sys_id: "a".repeat(32), number: "INC1", ...said });
      else Object.assign(rows[0] ?? {}, said);
      return { status: 201, body: { result: rows[0] ?? {} } };
    };
    const settings = { url: stub.url, user: "bot" };
    for (const verb of ["trigger", "trigger", "resolve"] as const)
      expect(await send("servicenow", settings, { password: "p" }, message(verb))).toMatchObject({
        ref: "INC1",
      });
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ state: "6", correlation_id: KEY, urgency: "1" });
  });
});

describe("a mail", () => {
  /** As much of SMTP as a client needs, with what was said to it. */
  async function startSmtp() {
    const said: string[] = [];
    const server = createServer((socket) => {
      let inData = false;
      socket.write("220 stub\r\n");
      socket.on("data", (chunk) => {
        for (const line of chunk.toString("utf8").split("\r\n").slice(0, -1)) {
          said.push(line);
          if (inData && line !== ".") continue;
          if (line === "DATA") socket.write("354 go on\r\n");
          else if (line.startsWith("EHLO")) socket.write("250 stub\r\n");
          else socket.write("250 ok\r\n");
          inData = line === "DATA";
        }
      });
      socket.on("error", () => {});
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    return { said, port, close: () => server.close() };
  }
  const settings = (port: number, security: string) => ({
    host: "127.0.0.1",
    port,
    security,
    from: "touchstone@example.org",
    to: "ann@example.org, bob@example.org",
  });

  it("goes to each address, under the id of the message", async () => {
    const smtp = await startSmtp();
    await send(
      "email",
      settings(smtp.port, "plain"),
      {},
      message("trigger", { title: "n1 fails\r\nBcc: eve@example.org" }),
    );
    const all = smtp.said.join("\n");
    expect(all).toContain("RCPT TO:<bob@example.org>");
    expect(all).toContain(`Message-ID: <${message("trigger").id}@example.org>`);
    expect(smtp.said.some((line) => line.startsWith("Bcc:") || line.includes("RCPT TO:<eve"))).toBe(false);
    smtp.close();
  });

  it("is not said in the clear to a server that offers no encryption", async () => {
    const smtp = await startSmtp();
    await expect(send("email", settings(smtp.port, "starttls"), {}, message("trigger"))).rejects.toThrow(
      ChannelError,
    );
    expect(smtp.said.some((line) => line.startsWith("MAIL FROM"))).toBe(false);
    smtp.close();
  });

  it("goes to no server inside that the installation does not open", async () => {
    const inside = { ...settings(25, "plain"), host: "10.0.0.1" };
    await expect(send("email", inside, {}, message("trigger"))).rejects.toThrow(/not a public address/);
  });
});
