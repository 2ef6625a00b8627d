/** A fake system over HTTP whose conduct can be changed: as it should be, hostile, silent, or losing answers. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { StubAnswer, StubRequest } from "./http.ts";

export type Conduct =
  | "plain"
  /** Another status instead of an answer, with everything that was sent in it. */
  | { status: number }
  /** A good status and everything that was sent, instead of what was asked for. */
  | "echo"
  | "html"
  | "huge"
  | "wrong"
  | "redirect"
  /** Takes requests and never answers. */
  | "hang"
  /** Does what the nth change from now asks for, and breaks the connection instead of saying so. */
  | { lose: number };

export type FakeSystem = {
  url: string;
  conduct: Conduct;
  /** All requests so far. */
  requests: StubRequest[];
  /** What it really changed, one line each; the same line twice is the same change made twice. */
  effects: string[];
  close: () => Promise<void>;
};

/** Answers one request; what it changes it tells `effects` of. */
export type Answerer = (request: StubRequest, effects: string[]) => StubAnswer;

export async function startFake(answer: Answerer): Promise<FakeSystem> {
  const fake: FakeSystem = { url: "", conduct: "plain", requests: [], effects: [], close };
  const server = createServer(async (incoming, response) => {
    const request = await requestOf(incoming);
    fake.requests.push(request);
    const { conduct } = fake;
    if (conduct === "hang") return;
    if (conduct !== "plain" && !(typeof conduct === "object" && "lose" in conduct)) {
      hostile(conduct, request, response);
      return;
    }
    const before = fake.effects.length;
    const { status = 200, headers = {}, body } = answer(request, fake.effects);
    if (conduct !== "plain" && fake.effects.length > before) {
      conduct.lose -= 1;
      if (conduct.lose === 0) {
        incoming.socket.destroy();
        return;
      }
    }
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  fake.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  async function close() {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
  return fake;
}

async function requestOf(incoming: IncomingMessage): Promise<StubRequest> {
  const body = Buffer.concat(await Array.fromAsync(incoming as AsyncIterable<Buffer>)).toString("utf8");
  const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://fake.invalid");
  return {
    method: incoming.method ?? "",
    path: pathname,
    query: searchParams,
    headers: incoming.headers as StubRequest["headers"],
    body,
  };
}

function hostile(
  conduct: { status: number } | "echo" | "html" | "huge" | "wrong" | "redirect",
  request: StubRequest,
  response: ServerResponse,
): void {
  const all = JSON.stringify({ message: `${JSON.stringify(request.headers)} ${request.body}` });
  const json = { "content-type": "application/json" };
  if (typeof conduct === "object") response.writeHead(conduct.status, json).end(all);
  else if (conduct === "echo") response.writeHead(200, json).end(all);
  else if (conduct === "html")
    response.writeHead(200, { "content-type": "text/html" }).end("<html>sign in</html>");
  else if (conduct === "huge") response.writeHead(200, json).end(`{"items":["${"x".repeat(5_000_000)}"]}`);
  else if (conduct === "wrong") response.writeHead(200, json).end('{"metadata":7,"items":{},"results":3}');
  else response.writeHead(302, { location: "http://127.0.0.1:1/elsewhere" }).end();
}
