import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ProblemError, problemBody } from "#lib/domain/problems";
import { answerIngest, insistOnTls, isMisdirected, refuse } from "./plain.ts";

let server: Server;
let port = 0;
beforeAll(async () => {
  server = createServer((request, response) => {
    insistOnTls(
      response,
      request.url?.startsWith("/tls") ? "https://touchstone.test" : "http://touchstone.test",
    );
    if (isMisdirected(request, new Set(["touchstone.test"])))
      return refuse(response, "request/misdirected", "no");
    return void answerIngest(
      async ({ path, headers, body }) => {
        if (path === "/refuse") {
          const problem = new ProblemError("auth/required", "no");
          return { status: 401, headers: {}, body: JSON.stringify(problemBody(problem)) };
        }
        let size = 0;
        for await (const chunk of body) size += chunk.byteLength;
        return { status: 202, headers: { "x-seen": headers["x-multi"] ?? "" }, body: `${size}` };
      },
      request,
      response,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Send bytes as they are and read until the server closes or has answered `answers` times. */
function raw(text: string, answers = 1): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    let seen = "";
    socket.on("data", (chunk) => {
      seen += chunk.toString();
      if (seen.split("HTTP/1.1 ").length > answers && seen.endsWith("}")) socket.end();
    });
    socket.on("close", () => resolve(seen));
    socket.on("error", reject);
    socket.setTimeout(3_000, () => socket.destroy());
  });
}

describe("the plain server", () => {
  it("makes browsers insist on TLS where there is TLS, and only there", async () => {
    const ask = (path: string) =>
      raw(`GET ${path} HTTP/1.1\r\nHost: touchstone.test\r\nConnection: close\r\n\r\n`);
    expect(await ask("/tls")).toMatch(/\r\nstrict-transport-security: max-age=31536000\r\n/i);
    expect(await ask("/")).not.toMatch(/strict-transport-security/i);
  });

  it.each([
    ["an absolute address", "GET http://169.254.169.254/latest HTTP/1.1\r\nHost: touchstone.test\r\n\r\n"],
    ["a foreign host", "GET / HTTP/1.1\r\nHost: evil.test\r\n\r\n"],
    ["an asterisk", "OPTIONS * HTTP/1.1\r\nHost: touchstone.test\r\n\r\n"],
    ["two hosts", "GET / HTTP/1.1\r\nHost: touchstone.test\r\nHost: evil.test\r\n\r\n"],
    ["no host", "GET / HTTP/1.0\r\n\r\n"],
    ["no host but a forwarded one", "GET / HTTP/1.0\r\nX-Forwarded-Host: touchstone.test\r\n\r\n"],
  ])("refuses %s", async (_what, request) => {
    expect(await raw(request)).toMatch(/^HTTP\/1\.1 421 [\s\S]*"code":"request\/misdirected"/);
  });

  it("hands a body on as it streams in", async () => {
    const answer = await raw(
      "POST /x HTTP/1.1\r\nHost: TOUCHSTONE.test\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
    );
    expect(answer).toMatch(/^HTTP\/1\.1 202 [\s\S]*\r\n\r\n5$/);
  });

  it("closes the connection when it answers before the body is read, so that none of it becomes a request", async () => {
    const smuggled = "POST /x HTTP/1.1\r\nHost: touchstone.test\r\nContent-Length: 0\r\n\r\n";
    const answer = await raw(
      `POST /refuse HTTP/1.1\r\nHost: touchstone.test\r\nContent-Length: 9000\r\n\r\n${smuggled}`,
    );
    expect(answer.split("HTTP/1.1 ")).toHaveLength(2);
    expect(answer).toMatch(/^HTTP\/1\.1 401 [\s\S]*connection: close/i);
  });
});
