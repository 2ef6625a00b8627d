import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keylimeRig } from "#tests/stubs/connectors/keylime";
import { NODE_UID, type Rig, rigContext } from "#tests/stubs/connectors/rig";
import type { VerifierFake } from "#tests/stubs/keylime-verifier";
import { newAuthority } from "#tests/stubs/pki";

const { connector } = keylimeRig;
const TARGET = { ref: NODE_UID, words: "agent", uid: null };
let rig: Rig;
let fake: VerifierFake;
let memory: Map<string, unknown>;

beforeEach(async () => {
  rig = await keylimeRig.start();
  fake = rig.fake as VerifierFake;
  memory = new Map();
});
afterEach(() => fake.close());
const ctx = () => rigContext(keylimeRig, rig, memory);

describe("an agent", () => {
  it("that fails again after it was reactivated is told of, and not reactivated for ever", async () => {
    fake.agents.set(NODE_UID, 10);
    await connector.start(ctx(), TARGET, "reactivate", "k");
    fake.agents.set(NODE_UID, 7);
    expect(await connector.observe(ctx(), TARGET, "reactivate", "k")).toMatchObject({ state: "failed" });
    expect(await connector.start(ctx(), TARGET, "reactivate", "k")).toMatchObject({ again: true });
    expect(fake.effects).toHaveLength(1);
  });

  it("that somebody else stopped is stopped: nothing is sent", async () => {
    fake.agents.set(NODE_UID, 10);
    await connector.start(ctx(), TARGET, "stop", "k");
    expect(await connector.observe(ctx(), TARGET, "stop", "k")).toMatchObject({ state: "done" });
    expect(fake.effects).toEqual([]);
  });

  it("is not asked for over a version that nobody knows", async () => {
    fake.versions = ["3.0"];
    await expect(connector.test(ctx())).rejects.toMatchObject({ kind: "invalid_answer" });
  });
});

describe("the verifier", () => {
  it("is shown the client certificate, and believed only under the authority that was given", async () => {
    const authority = newAuthority("test authority");
    const seen: boolean[] = [];
    const tls = { ...authority.issue("127.0.0.1", "server"), ca: authority.cert };
    const server = createServer(
      { ...tls, requestCert: true, rejectUnauthorized: true },
      (request, response) => {
        seen.push((request.socket as unknown as { authorized: boolean }).authorized);
        response.end(JSON.stringify({ results: { supported_versions: ["2.5"] } }));
      },
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { cert, key } = authority.issue("touchstone", "client");
    rig = { ...rig, settings: { url, ca: authority.cert }, secrets: { certificate: cert, key } };
    expect((await connector.test(ctx())).every(({ ok }) => ok)).toBe(true);
    expect(seen).toEqual([true, true]);
    rig = { ...rig, settings: { url, ca: newAuthority("another").cert } };
    await expect(connector.test(ctx())).rejects.toMatchObject({ kind: "unreachable" });
    server.closeAllConnections();
    server.close();
  });
});
