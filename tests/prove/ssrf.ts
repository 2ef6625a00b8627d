/**
 * A24: no address that an operator writes, and no name, answer or redirect, leads inside.
 *
 * Listeners on 127.0.0.1 and ::1 count connections. Each form of an address is asked for through the guarded client
 * and through an agent as the sign-in library uses it, and must be refused before anything is sent. Names are served
 * by a name server of the proof, some of which mean something harmless first and this machine a moment later; servers
 * that are opened lead on by redirects of all kinds.
 *
 * Planted bug: a client that judges the name, asks again when it connects, and follows redirects.
 */
import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { type AddressInfo, createServer, isIP, type Server, type Socket } from "node:net";
import { isPublicAddress, NOTHING_ALLOWED, opening, readAllowed } from "#lib/outbound/address";
import { guardedAgent } from "#lib/outbound/agent";
import { outboundTo } from "#lib/outbound/client";
import type { Lookup } from "#lib/outbound/judge";
import { startHttp } from "#tests/stubs/http";
import { startNameServer } from "./name-server.ts";
import type { Proof } from "./proof.ts";
import { mulberry32, pick } from "./random.ts";
import { INSIDE_NAMES, insideForms, randomForm } from "./ssrf-forms.ts";

const RANDOM_FORMS = { short: 200, full: 20_000 };
const REBINDINGS = { short: 20, full: 500 };
/** Open by its range, and nobody listens there: what a name that changes its mind stands for at first. */
const HARMLESS = "127.5.0.1";
const REDIRECTS = [300, 301, 302, 303, 304, 305, 307, 308] as const;
const MAX_LINES = 5;

/** How something is asked for: `refused` before anything was sent, or whatever else came of it. */
type Way = (url: string) => Promise<string>;

export const nothingLeadsInside: Proof = async ({ short, planted, seed, log }) => {
  const random = mulberry32(seed);
  const counter = await startCounter();
  const rebinding = Array.from(
    { length: short ? REBINDINGS.short : REBINDINGS.full },
    (_, n) => `r${n}.test`,
  );
  const names = await startNameServer(
    new Map<string, readonly (readonly string[])[]>([
      ...Object.entries(INSIDE_NAMES).map(([name, addresses]) => [name, [addresses]] as const),
      ...rebinding.map((name) => [name, [[HARMLESS], ["127.0.0.1"]]] as const),
      ["entry.test", [["127.0.0.1"]]] as const,
    ]),
  );
  let [cases, failed] = [0, 0];
  // A few lines of each kind of failure: the many that only fail to be refused must not hide one that arrives.
  const told = new Map<string, number>();
  const fail = (kind: "let through" | "arrived" | "followed", line: string) => {
    failed += 1;
    told.set(kind, (told.get(kind) ?? 0) + 1);
    if ((told.get(kind) ?? 0) <= MAX_LINES) log(line);
  };
  const check = async (way: Way, url: string, mustRefuse: boolean) => {
    cases += 1;
    const before = counter.connections();
    const outcome = await way(url);
    const reached = counter.connections() - before;
    if (reached === 0 && outcome !== "answered" && (!mustRefuse || outcome === "refused")) return;
    const kind = reached === 0 ? "let through" : "arrived";
    fail(kind, `${JSON.stringify(url)}: ${outcome}, ${reached} connections`);
  };
  try {
    const forms = insideForms(counter.port);
    const drawn = Array.from({ length: short ? RANDOM_FORMS.short : RANDOM_FORMS.full }, () =>
      randomForm(random, counter.port),
    );
    const closed = waysOf(names.lookup, planted, "", []);
    for (const url of [...forms, ...drawn]) for (const way of closed) await check(way, url, true);
    log(`${forms.length} forms and ${drawn.length} drawn ones`);

    const half = waysOf(names.lookup, planted, "127.5.0.0/16", []);
    for (const name of rebinding) await check(pick(random, half), `http://${name}:${counter.port}/`, false);

    const targets = [
      `http://127.0.0.1:${counter.port}/`,
      `//127.0.0.1:${counter.port}/`,
      `http://loop.test:${counter.port}/`,
    ];
    for (const status of REDIRECTS)
      for (const location of targets) {
        const entry = await startHttp(() => ({
          status,
          headers: { location, refresh: `0; url=${location}`, link: `<${location}>; rel=preload` },
          body: status === 304 ? "" : { see: location },
        }));
        const url = `http://entry.test:${new URL(entry.url).port}/`;
        for (const way of waysOf(names.lookup, planted, "", [url])) {
          cases += 1;
          const before = counter.connections();
          await way(url);
          if (counter.connections() === before) continue;
          fail("followed", `${status} to ${location} was followed`);
        }
        await entry.close();
      }
    log(`${cases} requests, ${counter.connections()} connections`);
    return { cases, failed };
  } finally {
    await names.stop();
    await counter.stop();
  }
};

/** Listeners on both addresses of this machine, one port. */
async function startCounter(): Promise<{
  port: number;
  connections: () => number;
  stop: () => Promise<void>;
}> {
  let connections = 0;
  const open = new Set<Socket>();
  const listen = async (host: string, port: number): Promise<Server> => {
    const server = createServer((socket) => {
      connections += 1;
      open.add(socket.on("close", () => open.delete(socket)));
      socket.on("error", () => {});
      socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}");
    });
    server.listen(port, host);
    await once(server, "listening");
    return server;
  };
  const four = await listen("127.0.0.1", 0);
  const { port } = four.address() as AddressInfo;
  const servers = [four, await listen("::1", port)];
  return {
    port,
    connections: () => connections,
    stop: async () => {
      for (const socket of open) socket.destroy();
      for (const server of servers) {
        server.close();
        await once(server, "close");
      }
    },
  };
}

/** The ways by which the product asks, or the planted one. */
function waysOf(lookup: Lookup, planted: boolean, ranges: string, opened: readonly string[]): Way[] {
  if (planted) return [(url) => carelessly(url, lookup, ranges, opened)];
  const allowed = opening(ranges ? readAllowed(ranges) : NOTHING_ALLOWED, ...opened);
  const send = outboundTo(allowed, lookup);
  const agents = {
    "http:": guardedAgent("http:", allowed, {}, lookup),
    "https:": guardedAgent("https:", allowed, {}, lookup),
  };
  const failureOf = (error: unknown) => (error as { failure?: string }).failure ?? "failed";
  return [
    async (url) => {
      try {
        await send({ method: "GET", url, timeoutMs: 5_000 }, new AbortController().signal);
        return "answered";
      } catch (error) {
        return failureOf(error);
      }
    },
    async (url) => {
      // The library takes nothing but these, and so do we.
      if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return "refused";
      const { protocol } = new URL(url);
      const isPlain = protocol === "http:";
      try {
        const answer = await answerTo(isPlain ? httpRequest : httpsRequest, url, {
          agent: isPlain ? agents["http:"] : agents["https:"],
        });
        return answer.statusCode && answer.statusCode < 300 ? "answered" : "failed";
      } catch (error) {
        return failureOf(error);
      }
    },
  ];
}

type Sending = typeof httpRequest;

async function answerTo(send: Sending, url: string, options: object): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = send(url, options, (response) => {
      response.resume();
      resolve(response);
    });
    request.on("error", reject);
    request.end();
  });
}

/** The planted bug. */
async function carelessly(
  url: string,
  lookup: Lookup,
  ranges: string,
  opened: readonly string[],
): Promise<string> {
  if (!URL.canParse(url) || new URL(url).protocol !== "http:") return "refused";
  const host = new URL(url).hostname.replace(/^\[|\]$/g, "");
  const isOpened = opened.some((one) => new URL(one).hostname === host);
  const addressOf = async () =>
    isIP(host) ? { address: host, family: isIP(host) } : (await lookup(host))[0];
  const judged = await addressOf();
  const isHarmless = ranges !== "" && judged?.address === HARMLESS;
  if (!judged || !(isOpened || isHarmless || isPublicAddress(judged.address))) return "refused";
  try {
    const connected = await addressOf();
    if (!connected || isPublicAddress(connected.address)) return "failed";
    const answer = await answerTo(httpRequest, url, {
      lookup: (_: string, options: { all?: boolean }, done: (...said: unknown[]) => void) =>
        options.all ? done(null, [connected]) : done(null, connected.address, connected.family),
    });
    const { location } = answer.headers;
    if (location) await answerTo(httpRequest, new URL(location, url).href, {}).catch(() => {});
    return "answered";
  } catch {
    return "failed";
  }
}
