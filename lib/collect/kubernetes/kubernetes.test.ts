import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openTarget, type Target } from "#lib/collect/target";
import { kubernetesSource } from "#lib/sources/kubernetes/index";
import { contextOf, messageOf } from "#tests/source-testing";
import { useBench } from "#tests/stubs/collecting";
import { type HttpStub, type StubAnswer, type StubRequest, startHttp } from "#tests/stubs/http";

const bench = useBench();
const node = (name: string, version: string) => ({
  metadata: {
    name,
    uid: `0c1f6f1e-6a53-4c0c-9a51-3f7e8d1c2b3${name.at(-1)}`,
    resourceVersion: version,
    creationTimestamp: "2026-03-01T11:00:00Z",
    managedFields: [{ manager: "kubelet" }],
    annotations: { "kubectl.kubernetes.io/last-applied-configuration": "secret", kept: "yes" },
  },
  status: { conditions: [], nodeInfo: { systemUUID: `4c4c4544-0042-3510-8052-b4c04f4e4d3${name.at(-1)}` } },
});
const listOf = (items: object[], resourceVersion: string, next?: string): StubAnswer => ({
  body: { kind: "List", metadata: { resourceVersion, ...(next ? { continue: next } : {}) }, items },
});
const linesOf = (...events: object[]): StubAnswer => ({
  body: events.map((event) => JSON.stringify(event)).join("\n"),
});

let cluster: HttpStub;
let target: Target;
/** Answers for nodes; other resources are empty. */
let nodes: (request: StubRequest) => StubAnswer;

beforeEach(async () => {
  nodes = () => listOf([], "1");
  cluster = await startHttp((request) => {
    if (request.path.endsWith("/nodes")) return nodes(request);
    return request.query.get("watch") === "true" ? linesOf() : listOf([], "1");
  });
  await writeFile(join(bench.dir, "token"), "cluster-token\n");
  const settings = { url: cluster.url, tokenFile: join(bench.dir, "token") };
  target = await openTarget(bench.setup({ kind: "kubernetes", cluster: settings }), bench.timing);
});
afterEach(() => cluster.close());

async function poll(): Promise<void> {
  bench.nowMs = Math.max(bench.nowMs, target.nextAtMs());
  await target.step(AbortSignal.timeout(10_000));
}
const asked = (path: string) => cluster.requests.filter((request) => request.path.endsWith(path));

describe("a cluster", () => {
  it("is listed page by page, then watched from there on, bookmark by bookmark", async () => {
    nodes = ({ query }) => {
      if (query.get("watch") !== "true") {
        return query.get("continue") === "p2"
          ? listOf([node("b", "6")], "10")
          : listOf([node("a", "5")], "10", "p2");
      }
      return query.get("resourceVersion") === "10"
        ? linesOf(
            { type: "MODIFIED", object: { kind: "Node", apiVersion: "v1", ...node("a", "11") } },
            {
              type: "BOOKMARK",
              object: { kind: "Node", apiVersion: "v1", metadata: { resourceVersion: "20" } },
            },
          )
        : linesOf({ type: "DELETED", object: { kind: "Node", apiVersion: "v1", ...node("b", "21") } });
    };
    await poll();
    await poll();
    await poll();
    const watches = asked("/nodes").map(({ query }) => query.get("resourceVersion"));
    expect(watches).toEqual([null, null, "10", "20"]);
    const bodies = bench.delivered();
    expect(bodies.map(({ type, kind }) => type ?? kind)).toEqual(["Node", "Node", "MODIFIED", "DELETED"]);
    const results = await Promise.all(
      bodies.map((body) =>
        kubernetesSource.interpret(
          messageOf(JSON.stringify(body)),
          contextOf({ nowMs: bench.nowMs, settings: { acceptPastMs: 86_400_000 } }),
        ),
      ),
    );
    const types = results.map(({ items }) =>
      items.map((item) => (item.kind === "bootstrap" ? item.event.type : "")),
    );
    expect(types[0]).toContain("node.registered");
    expect(types[3]).toContain("node.removed");
  });

  it("is asked for three resources by GET, with its token, and for nothing else", async () => {
    await poll();
    await poll();
    expect([...new Set(cluster.requests.map(({ path }) => path))].sort()).toEqual([
      "/api/v1/events",
      "/api/v1/nodes",
      "/apis/certificates.k8s.io/v1/certificatesigningrequests",
    ]);
    expect(
      asked("/events").every(({ query }) => query.get("fieldSelector") === "involvedObject.kind=Node"),
    ).toBe(true);
    for (const { method, headers } of cluster.requests) {
      expect([method, headers.authorization]).toEqual(["GET", "Bearer cluster-token"]);
    }
    for (const { headers } of bench.touchstone.requests) expect(headers.authorization).toBe("Bearer ts_test");
  });

  it("passes on nothing that only repeats an object", async () => {
    nodes = () => listOf([node("a", "5")], "10");
    await poll();
    const text = JSON.stringify(bench.delivered());
    expect(text).not.toContain("managedFields");
    expect(text).not.toContain("secret");
    expect(text).toContain("kept");
  });

  it.each([
    ["by its status", { status: 410, body: {} }],
    ["within the watch", linesOf({ type: "ERROR", object: { kind: "Status", code: 410 } })],
  ])("is listed again when the watch came too late, told %s", async (_, gone) => {
    nodes = ({ query }) => (query.get("watch") === "true" ? gone : listOf([node("a", "5")], "10"));
    await poll();
    await poll();
    expect(asked("/nodes").map(({ query }) => query.get("watch"))).toEqual([null, "true", null]);
    expect(target.status()).toMatchObject({ pollError: null, watched: 1 });
  });

  it("is listed every five minutes where it may not be watched", async () => {
    nodes = ({ query }) =>
      query.get("watch") === "true" ? { status: 403, body: {} } : listOf([node("a", "5")], "10");
    await poll();
    await poll();
    const before = asked("/nodes").length;
    bench.nowMs += 299_000;
    await poll();
    expect(asked("/nodes").length).toBe(before);
    bench.nowMs += 2_000;
    await poll();
    expect(asked("/nodes").length).toBe(before + 1);
  });

  it("does not lose the other resources to one that is in trouble, nor take half a list for a whole one", async () => {
    nodes = ({ query }) =>
      query.get("continue") ? { status: 500, body: {} } : listOf([node("a", "5")], "10", "p2");
    await poll();
    expect(bench.delivered()).toEqual([]);
    expect(target.status()).toMatchObject({
      pollError: null,
      warnings: ["GET /api/v1/nodes was answered with 500"],
    });
    nodes = () => listOf([node("a", "5")], "10");
    await poll();
    expect(bench.delivered()).toHaveLength(1);
  });
});
