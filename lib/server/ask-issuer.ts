/** How issuers of workload tokens are asked; which ones, the operator's configuration says. */
import "server-only";
import { env } from "./env.ts";
import { shared } from "./shared.ts";
import { type AskIssuer, type WorkloadIssuers, workloadIssuers } from "./workload.ts";

const MAX_BYTES = 512 * 1024;

/** Whether an address may be asked: TLS, or a process of this machine. */
const isSafe = ({ protocol, hostname }: URL) =>
  protocol === "https:" || ["127.0.0.1", "localhost", "[::1]"].includes(hostname);

/** One GET, whose answer is short, and never what a redirect leads to. */
export const askIssuer: AskIssuer = async (address, signal) => {
  const url = new URL(address);
  if (!isSafe(url)) throw new Error("An issuer is asked over TLS only");
  const response = await fetch(url, {
    signal,
    redirect: "error",
    credentials: "omit",
    headers: { accept: "application/json" },
  });
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw new Error("The issuer's answer is too long");
    chunks.push(chunk);
  }
  return { status: response.status, body: Buffer.concat(chunks).toString("utf8") };
};

/** The issuers that `TOUCHSTONE_WORKLOAD_ISSUERS` names, with their keys, for the life of the process. */
export function issuersOfInstallation(): WorkloadIssuers {
  return shared("workload-issuers", () => workloadIssuers(env().workloadIssuers, askIssuer));
}
