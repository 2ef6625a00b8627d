import { afterEach, beforeEach, expect, it } from "vitest";
import { GET_AGENT } from "#lib/spire/protocol";
import { newAuthority } from "#tests/stubs/pki";
import { type SpireStub, startSpire, stubAgent } from "#tests/stubs/spire";
import { NOTHING_ALLOWED, opening, readAllowed } from "./address.ts";
import { outboundRpcTo } from "./rpc.ts";

const authority = newAuthority("authority");
const never = new AbortController().signal;
let server: SpireStub;
beforeEach(async () => {
  server = await startSpire("", { ca: authority.cert, own: authority.issue("127.0.0.1", "server") });
  server.agents = [stubAgent("w1")];
});
afterEach(() => server.close());

const { cert, key } = authority.issue("touchstone", "client");
const call = (url: string, more = {}) => ({
  server: url,
  method: GET_AGENT.path,
  message: GET_AGENT.encode({ id: { trustDomain: "td.example", path: "/spire/agent/tpm_devid/w1" } }),
  tls: { ca: authority.cert, cert, key },
  isServer: () => true,
  ...more,
});
const named = () => server.url.replace("127.0.0.1", "spire.example");

it("judges a name once, and connects to exactly the addresses that it was judged by", async () => {
  let asked = 0;
  const rebinding = outboundRpcTo(opening(NOTHING_ALLOWED, named()), async () => {
    asked += 1;
    return [{ address: asked === 1 ? "127.0.0.1" : "127.0.0.9", family: 4 }];
  });
  expect(await rebinding(call(named()), never)).toMatchObject({ status: 0 });
  expect(asked).toBe(1);
});

it("never leads inside: neither by address nor by a name that stands for one", async () => {
  const shut = outboundRpcTo(NOTHING_ALLOWED, async () => [{ address: "127.0.0.1", family: 4 }]);
  for (const url of [server.url, named(), "https://169.254.169.254:443", "unix:///run/docker.sock"])
    await expect(shut(call(url), never), url).rejects.toMatchObject({ failure: "refused" });
  const half = outboundRpcTo(readAllowed(""), async () => [
    { address: "8.8.8.8", family: 4 },
    { address: "10.0.0.1", family: 4 },
  ]);
  await expect(half(call(named()), never)).rejects.toMatchObject({ failure: "refused" });
  expect(server.requests).toEqual([]);
});

it("believes a certificate of the authority alone, and only one that the caller takes for the server's", async () => {
  const open = outboundRpcTo(readAllowed("127.0.0.1"));
  expect(await open(call(server.url), never)).toMatchObject({ status: 0 });
  await expect(open(call(server.url, { isServer: () => false }), never)).rejects.toMatchObject({
    failure: "unreachable",
    message: expect.stringContaining("not that of the server"),
  });
  const other = { ca: newAuthority("other").cert, cert, key };
  await expect(open(call(server.url, { tls: other }), never)).rejects.toMatchObject({
    failure: "unreachable",
  });
  expect(server.requests).toHaveLength(1);
});

it("leaves a name server that says nothing when it is told to, and in time", async () => {
  const silent = outboundRpcTo(NOTHING_ALLOWED, () => new Promise(() => {}));
  await expect(silent(call(named(), { timeoutMs: 20 }), never)).rejects.toMatchObject({
    failure: "timeout",
  });
  const reason = new Error("stop");
  await expect(silent(call(named()), AbortSignal.abort(reason))).rejects.toBe(reason);
  const stopping = new AbortController();
  const waiting = silent(call(named()), stopping.signal);
  stopping.abort(reason);
  await expect(waiting).rejects.toBe(reason);
});

it("quotes nothing of a key that cannot be used", async () => {
  const open = outboundRpcTo(readAllowed("127.0.0.1"));
  const tls = {
    ca: authority.cert,
    cert,
    key: "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n",
  };
  const error = await open(call(server.url, { tls }), never).catch((caught: Error) => caught);
  expect(error).toMatchObject({ failure: "refused" });
  expect(String(error)).not.toContain("canary");
});
