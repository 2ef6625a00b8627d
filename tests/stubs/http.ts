/** A plain HTTP server on a free port of this machine that answers as it is told. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type StubRequest = {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Readonly<Record<string, string | undefined>>;
  body: string;
};
export type StubAnswer = { status?: number; headers?: Record<string, string>; body: string | object };
export type HttpStub = { url: string; requests: StubRequest[]; close: () => Promise<void> };

export async function startHttp(
  answer: (request: StubRequest) => StubAnswer | Promise<StubAnswer>,
): Promise<HttpStub> {
  const requests: StubRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const body = Buffer.concat(await Array.fromAsync(incoming as AsyncIterable<Buffer>)).toString("utf8");
    const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://stub.invalid");
    const request: StubRequest = {
      method: incoming.method ?? "",
      path: pathname,
      query: searchParams,
      headers: incoming.headers as StubRequest["headers"],
      body,
    };
    requests.push(request);
    const { status = 200, headers = {}, body: said } = await answer(request);
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(typeof said === "string" ? said : JSON.stringify(said));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
