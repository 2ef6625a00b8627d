import { createServer } from "node:net";

/** The port that one listener got, or the error code. Port 0 asks for any free one. */
function tryPort(port: number, host: string): Promise<number | string> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : "no address"));
    });
  });
}

/**
 * The port to serve on.
 *
 * @param explicit true when the operator asked for this port: then a busy one is an error, because
 *   whoever configured it expects the service there and nowhere else
 * @throws with one clear line when the port cannot be had
 */
export async function choosePort(port: number, host: string, explicit: boolean): Promise<number> {
  const got = await tryPort(port, host);
  if (typeof got === "number") return got;
  if (got === "EADDRINUSE" && !explicit) {
    const free = await tryPort(0, host);
    if (typeof free === "number") return free;
  }
  if (got === "EADDRINUSE")
    throw new Error(`port ${port} on ${host} is in use; stop what uses it or set PORT`);
  if (got === "EADDRNOTAVAIL" || got === "ENOTFOUND")
    throw new Error(`HOST ${host} is not an address of this machine (${got})`);
  if (got === "EACCES") throw new Error(`not allowed to listen on port ${port}; set PORT to 1024 or more`);
  throw new Error(`cannot listen on ${host}:${port} (${got})`);
}

/** The address to open in a browser on this machine when the server listens on `host`. */
export function localUrl(host: string, port: number): string {
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}
