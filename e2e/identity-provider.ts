/** A real OpenID provider on this machine, for the time of a story. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";

export const CLIENT = { id: "touchstone", secret: "a secret of a client in a test" };

export type IdentityProvider = { issuer: string; stop: () => Promise<void> };

/**
 * Whoever is typed as login signs in, with any password.
 *
 * @param groupsOf groups of a login
 * @param redirectUri where the client may be sent back to
 */
export async function startProvider(
  redirectUri: string,
  groupsOf: (login: string) => readonly string[],
): Promise<IdentityProvider> {
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
        redirect_uris: [redirectUri],
        response_types: ["code"],
        grant_types: ["authorization_code"],
      },
    ],
    pkce: { required: () => true },
    claims: { openid: ["sub"], email: ["email"], profile: ["groups"] },
    cookies: { keys: ["a key for the cookies of a test"] },
    findAccount: (_context: unknown, login: string) => ({
      accountId: login,
      claims: () => ({ sub: login, email: `${login}@example.test`, groups: groupsOf(login) }),
    }),
  });
  answer = provider.callback();
  return {
    issuer,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
