/** Senders that sign in their headers, for tests and proofs: one for each such kind of source. */
import { createHmac } from "node:crypto";

export type Signed = { body: string; headers: Record<string, string> };

/** One delivery about one node. `id` makes it one of its own, `atMs` is when it happened and was signed. */
export type Sender = {
  kind: string;
  sign: (delivery: { id: string; atMs: number; secret: string }) => Signed;
};

const hmac = (secret: string | Buffer, content: string) =>
  createHmac("sha256", secret).update(content).digest();
const iso = (atMs: number) => new Date(atMs).toISOString();
const seconds = (atMs: number) => String(Math.floor(atMs / 1_000));

export const SENDERS: readonly Sender[] = [
  {
    kind: "standard-webhooks",
    sign({ id, atMs, secret }) {
      const identities = [{ kind: "serial", value: `serial-${id}` }];
      const data = { outcome: "success", identities };
      const body = JSON.stringify({ type: "node.ready", timestamp: iso(atMs), data });
      const stamp = seconds(atMs);
      return {
        body,
        headers: {
          "webhook-id": id,
          "webhook-timestamp": stamp,
          "webhook-signature": `v1,${hmac(secret, `${id}.${stamp}.${body}`).toString("base64")}`,
        },
      };
    },
  },
  {
    kind: "tailscale",
    sign({ id, atMs, secret }) {
      const body = JSON.stringify([{ type: "nodeCreated", timestamp: iso(atMs), data: { nodeID: id } }]);
      const stamp = seconds(atMs);
      const mac = hmac(secret, `${stamp}.${body}`).toString("hex");
      return { body, headers: { "tailscale-webhook-signature": `t=${stamp},v1=${mac}` } };
    },
  },
  {
    kind: "step-ca",
    sign({ id, atMs, secret }) {
      const attestationData = { permanentIdentifier: id };
      const body = JSON.stringify({ timestamp: iso(atMs), attestationData, x509CertificateRequest: {} });
      return { body, headers: { "x-smallstep-signature": hmac(secret, body).toString("hex") } };
    },
  },
];
