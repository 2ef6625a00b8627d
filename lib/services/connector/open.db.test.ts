import { beforeAll, describe, expect, it } from "vitest";
import { connectorInsert, connectorSet } from "#db/queries/connector";
import { nodeIdentity } from "#db/schema/fleet";
import { CONNECTORS } from "#lib/connectors/registry";
import { readAllowed } from "#lib/outbound/address";
import { outboundTo } from "#lib/outbound/client";
import { outboundRpcTo } from "#lib/outbound/rpc";
import { uuidv7 } from "#lib/services/uuidv7";
import { useDatabase } from "#tests/pg";
import { testSealer } from "#tests/sealer";
import { makeWorld, NOW, type World } from "#tests/world";
import { openConnector, targetsFor } from "./open.ts";
import { type ConnectorTools, secretPlace } from "./tools.ts";

const { pool } = useDatabase();
const bounds = { now: () => NOW, signal: new AbortController().signal };
const tools: ConnectorTools = {
  kinds: CONNECTORS,
  sealer: testSealer(),
  outbound: outboundTo(readAllowed("127.0.0.1")),
  rpc: outboundRpcTo(readAllowed("127.0.0.1")),
  origin: "https://touchstone.example",
  sleep: async () => {},
};
let world: World;
let nodeId: string;

async function addConnector(name: string, overrides: Record<string, unknown> = {}) {
  const key = { trustDomainId: world.home, id: uuidv7(NOW) };
  const secret = Buffer.from(JSON.stringify({ token: "canary-token" }), "utf8");
  await world.db.transaction((tx) =>
    connectorInsert(tx, {
      ...key,
      kind: "kubernetes",
      name,
      settings: { url: "https://kube.example" },
      sealedSecrets: tools.sealer.seal(secret, secretPlace(key)),
      selector: "",
      createdAt: NOW,
      changedAt: NOW,
      secretsChangedAt: NOW,
      ...overrides,
    }),
  );
  return key;
}

beforeAll(async () => {
  world = await makeWorld(pool);
  nodeId = await world.addNode({ name: "worker-1" });
  const held = { trustDomainId: world.home, nodeId, strong: true, validFrom: NOW };
  await world.db.insert(nodeIdentity).values([
    { ...held, kind: "k8s_node_name", value: "w1.example" },
    { ...held, kind: "k8s_node_uid", value: "3f0c8d2e-0000-4000-8000-000000000001" },
  ]);
});

describe("opening a connector", () => {
  it("gives its settings with defaults, its secrets and where to report to", async () => {
    const key = await addConnector("opened");
    const { ctx, connector } = await openConnector(world.db, tools, key, bounds);
    expect(connector.kind).toBe("kubernetes");
    expect(ctx.settings).toMatchObject({ url: "https://kube.example", mode: "soft" });
    expect(ctx.secrets).toEqual({ token: "canary-token" });
    expect(ctx.callbackUrl).toBe(`https://touchstone.example/api/v1/connectors/${key.id}/callbacks`);
  });

  it("remembers for one connector what no other one is told", async () => {
    const open = async (name: string) =>
      (await openConnector(world.db, tools, await addConnector(name), bounds)).ctx.memory;
    const [one, other] = [await open("one"), await open("other")];
    await one.put("job", { id: 1 });
    await one.put("job", { id: 2 });
    expect([await one.get("job"), await other.get("job")]).toEqual([{ id: 2 }, null]);
    await one.remove("job");
    expect(await one.get("job")).toBeNull();
  });

  it.each([
    ["disabled", { disabledAt: NOW }, "refused"],
    ["removed", { removedAt: NOW, sealedSecrets: null }, "not_found"],
    ["of a kind that nobody knows", { kind: "abacus" }, "refused"],
    ["with settings that do not fit", { settings: { url: "ftp://x" } }, "refused"],
  ])("refuses one that is %s", async (name, overrides, kind) => {
    const key = await addConnector(name, overrides);
    await expect(openConnector(world.db, tools, key, bounds)).rejects.toMatchObject({ kind, retry: false });
  });

  it("refuses secrets that were sealed for another connector, and says nothing of them", async () => {
    const [mine, theirs] = [await addConnector("mine"), await addConnector("theirs")];
    const secret = Buffer.from(JSON.stringify({ token: "canary-token" }), "utf8");
    await connectorSet(world.db, mine, { sealedSecrets: tools.sealer.seal(secret, secretPlace(theirs)) });
    const error = await openConnector(world.db, tools, mine, bounds).catch((caught: Error) => caught);
    expect(error).toMatchObject({ kind: "refused" });
    expect(String(error)).not.toContain("canary");
  });
});

describe("which connectors know a node", () => {
  it("tells of those in use whose selector means it, with what they call it", async () => {
    await addConnector("for workers", { selector: 'node.name.startsWith("worker")' });
    await addConnector("for others", { selector: 'node.name == "x"' });
    await addConnector("unreadable", { selector: "node.(" });
    await addConnector("off", { disabledAt: NOW });
    const found = (await targetsFor(world.db, tools, world.home, [nodeId])).get(nodeId) ?? [];
    const names = found.map(({ name }) => name);
    expect(names).toContain("for workers");
    for (const name of ["for others", "unreadable", "off"]) expect(names).not.toContain(name);
    const target = found.find(({ name }) => name === "for workers")?.target;
    expect(target).toMatchObject({ ref: "w1.example", uid: "3f0c8d2e-0000-4000-8000-000000000001" });
  });

  it("tells nothing of a node of another domain", async () => {
    expect((await targetsFor(world.db, tools, world.away, [nodeId])).size).toBe(0);
  });
});
