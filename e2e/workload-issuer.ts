/** A real issuer of workload tokens on this machine, for the time of a story. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";

const CLIENT = { id: "pipeline", secret: "a secret of a pipeline in a test" };

export type WorkloadIssuer = {
  issuer: string;
  /** What its tokens are about. */
  subject: string;
  /** A token for one audience, as a platform hands it to a program. */
  tokenFor: (audience: string) => Promise<string>;
  stop: () => Promise<void>;
};

export async function startWorkloadIssuer(): Promise<WorkloadIssuer> {
  let answer: ReturnType<Provider["callback"]> | null = null;
  const server: Server = createServer((request, response) => void answer?.(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [],
        response_types: [],
        grant_types: ["client_credentials"],
      },
    ],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context: unknown, audience: string) => ({
          scope: "",
          audience,
          accessTokenFormat: "jwt",
          accessTokenTTL: 600,
          jwt: { sign: { alg: "RS256" } },
        }),
      },
    },
    cookies: { keys: ["a key for the cookies of a test"] },
  });
  answer = provider.callback();
  return {
    issuer,
    subject: CLIENT.id,
    async tokenFor(audience) {
      const response = await fetch(`${issuer}/token`, {
        method: "POST",
        headers: {
          authorization: `Basic ${Buffer.from(`${CLIENT.id}:${encodeURIComponent(CLIENT.secret)}`).toString("base64")}`,
          "content-type": "application/x-www-form-urlencoded",
        },
        body: new URLSearchParams({ grant_type: "client_credentials", resource: audience }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(text);
      return (JSON.parse(text) as { access_token: string }).access_token;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
