import { createServer } from "node:net";
import { expect, it } from "vitest";
import { startHttp } from "#tests/stubs/http";
import { isPublicAddress, NOTHING_ALLOWED, opening, readAllowed } from "./address.ts";
import { guardedAgent } from "./agent.ts";
import { outboundTo } from "./client.ts";

const never = new AbortController().signal;
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "answered",
    (error: { failure?: string }) => error.failure,
  );

it("refuses a name when one of its addresses is inside, and plain http to a public one", async () => {
  const inside = outboundTo(NOTHING_ALLOWED, async () => [
    { address: "8.8.8.8", family: 4 },
    { address: "10.0.0.1", family: 4 },
  ]);
  expect(await failureOf(inside({ method: "GET", url: "https://x.example/" }, never))).toBe("refused");
  const open = outboundTo(NOTHING_ALLOWED, async () => [{ address: "8.8.8.8", family: 4 }]);
  expect(await failureOf(open({ method: "GET", url: "http://x.example/" }, never))).toBe("refused");
});

it("reaches what the installation opens, and takes a redirect for a failure", async () => {
  const stub = await startHttp(({ path }) =>
    path === "/away" ? { status: 302, headers: { location: "/" }, body: "" } : { body: { ok: true } },
  );
  const guarded = outboundTo(readAllowed("127.0.0.1"));
  expect((await guarded({ method: "GET", url: `${stub.url}/` }, never)).status).toBe(200);
  expect(await failureOf(guarded({ method: "GET", url: `${stub.url}/away` }, never))).toBe("invalid_answer");
  expect(stub.requests).toHaveLength(2);
  await stub.close();
});

it("connects to the addresses that it judged, whatever the name stands for a moment later", async () => {
  const stub = await startHttp(() => ({ body: {} }));
  const { port } = new URL(stub.url);
  let asked = 0;
  const rebinding = outboundTo(opening(NOTHING_ALLOWED, "http://idp.example"), async () => {
    asked += 1;
    return [{ address: asked === 1 ? "127.0.0.1" : "169.254.169.254", family: 4 }];
  });
  const answer = await rebinding({ method: "GET", url: `http://idp.example:${port}/` }, never);
  expect([answer.status, asked]).toEqual([200, 1]);
  await stub.close();
});

it.each(["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "0.0.0.0", "224.0.0.1"])(
  "never lets an opened name stand for %s, which only its range opens",
  async (address) => {
    const family = address.includes(":") ? 6 : 4;
    const opened = { ...opening(NOTHING_ALLOWED, "https://idp.example") };
    const send = outboundTo(opened, async () => [{ address, family }]);
    expect(await failureOf(send({ method: "GET", url: "https://idp.example/" }, never))).toBe("refused");
  },
);

it.each([
  "::127.0.0.1",
  "::ffff:8.8.8.8:0",
  "64:ff9b:1::a00:1",
  "fec0::1",
  "5f00::1",
  "3fff::1",
  "4000::1",
  "9000::1",
  "198.18.0.1",
  "240.0.0.1",
  "100.64.0.1",
  "192.88.99.1",
  "2001:db8::1",
  "not an address",
])("does not take %s for public", (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

it("takes ordinary addresses for public", () => {
  expect(["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"].map(isPublicAddress)).toEqual([true, true, true]);
});

it("names the entry of a list that it cannot read", () => {
  for (const [list, entry] of [
    ["10.0.0.0/8, 10.0.0.0/64", "10.0.0.0/64"],
    ["good.example bad_name", "bad_name"],
    ["300.1.1.1", "300.1.1.1"],
  ] as const)
    expect(() => readAllowed(list)).toThrow(entry);
  expect(readAllowed("").ranges).toEqual([]);
});

it("guards what makes its requests by itself in the same way, and keeps to one protocol", async () => {
  const { get } = await import("node:http");
  const stub = await startHttp(() => ({ body: {} }));
  const ask = (agent: ReturnType<typeof guardedAgent>) =>
    new Promise<unknown>((resolve, reject) => {
      get(`${stub.url}/`, { agent }, (response) => resolve(response.resume().statusCode)).on("error", reject);
    });
  const closed = guardedAgent("http:", NOTHING_ALLOWED);
  expect(await failureOf(ask(closed))).toBe("refused");
  const open = guardedAgent("http:", opening(NOTHING_ALLOWED, stub.url));
  expect(await ask(open)).toBe(200);
  await expect(async () => ask(guardedAgent("https:", opening(NOTHING_ALLOWED, stub.url)))).rejects.toThrow(
    /Protocol/,
  );
  expect(stub.requests).toHaveLength(1);
  open.destroy();
  await stub.close();
});

it("gives up on a name server and on a server that do not answer", async () => {
  const silent = outboundTo(NOTHING_ALLOWED, () => new Promise(() => {}));
  const request = { method: "GET", url: "https://x.example/", timeoutMs: 20 } as const;
  expect(await failureOf(silent(request, never))).toBe("timeout");
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  const url = `http://127.0.0.1:${port}/`;
  expect(await failureOf(outboundTo(readAllowed("127.0.0.1"))({ ...request, url }, never))).toBe("timeout");
  server.close();
});
