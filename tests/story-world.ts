/** The whole way of a remediation in a test: real ingest, real people, real connectors, fakes of their systems over HTTP. */
import { drizzle } from "drizzle-orm/node-postgres";
import type { Pool } from "pg";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { z } from "zod";
import type { Db } from "#db/client";
import { connectorInsert } from "#db/queries/connector";
import { awxConnector } from "#lib/connectors/awx/index";
import { kubernetesConnector } from "#lib/connectors/kubernetes/index";
import type { RequestRemediationBody } from "#lib/contracts/remediation";
import { RECIPES } from "#lib/domain/recipe";
import type { RemediationAction } from "#lib/domain/remediation";
import { foldLifecycle } from "#lib/jobs/fold-lifecycle";
import { readAllowed } from "#lib/outbound/address";
import { outboundTo } from "#lib/outbound/client";
import { outboundRpcTo } from "#lib/outbound/rpc";
import { secretPlace } from "#lib/services/connector/tools";
import type { ExecutionTools } from "#lib/services/execution/lease";
import { previewTargets } from "#lib/services/execution/preview-targets";
import { watchContainment } from "#lib/services/execution/watch";
import { workOnce } from "#lib/services/execution/work";
import { runDueRemediations } from "#lib/services/remediation/due";
import type { RemediationTools } from "#lib/services/remediation/tools";
import { uuidv7 } from "#lib/services/uuidv7";
import { BATCH, cloudEvent, makeWorld, verdictDocument } from "./ingest-world.ts";
import { bootstrapDocument } from "./lifecycle-world.ts";
import { makeRemediationWorld, REASON } from "./remediation-world.ts";
import { testSealer } from "./sealer.ts";
import { type AwxFake, startAwx } from "./stubs/awx.ts";
import { type KubeFake, startKubernetes } from "./stubs/kubernetes.ts";

const TOKEN = "token-of-a-story";
const NODES = "/api/v1/nodes";
const SEALER = testSealer();
const MINUTE = 60_000;
const never = new AbortController().signal;

export type StoryWorld = Awaited<ReturnType<typeof makeStoryWorld>>;

/** A story for a file of tests, and before each test a node of its own that is trusted. */
export function useStory(
  pool: Pool,
  tell: (story: StoryWorld, node: { id: string; name: string }) => void,
): void {
  let story: StoryWorld;
  let round = 0;
  beforeAll(async () => {
    story = await makeStoryWorld(pool);
  });
  afterAll(() => story.close());
  beforeEach(async () => {
    round += 1;
    const name = `w${round}`;
    tell(story, { name, id: await story.trustedNode(name) });
  });
}

/** A domain with a source, a cluster, an AWX, and Ann, Bob and Cat, of whom each may ask and decide; Root administers. */
export async function makeStoryWorld(pool: Pool) {
  const people = await makeRemediationWorld(pool);
  const { clock } = people;
  const ingest = await makeWorld(pool, clock);
  const { trustDomainId } = ingest;
  const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
  const lab = await ingest.addSource({ kind: "generic", name: "lab", staleAfterMs: 600 * MINUTE });
  const [kube, awx] = [await startKubernetes(TOKEN), await startAwx(TOKEN)];
  for (const collection of ["/api/v1/pods", "/apis/certificates.k8s.io/v1/certificatesigningrequests"])
    kube.objects.set(collection, []);
  const now = () => clock.now;
  const settings = {
    kubernetes: { url: kube.url },
    awx: { url: awx.url, rebuildTemplate: 9, rekeyTemplate: 10 },
  };
  for (const [kind, value] of Object.entries(settings)) {
    const key = { trustDomainId, id: uuidv7(clock.now) };
    const at = { createdAt: clock.now, changedAt: clock.now, secretsChangedAt: clock.now };
    const sealedSecrets = SEALER.seal(Buffer.from(JSON.stringify({ token: TOKEN })), secretPlace(key));
    const row = { ...key, ...at, sealedSecrets, kind, name: kind, settings: value, selector: "" };
    await db.transaction((tx) => connectorInsert(tx, row));
  }
  const execution: ExecutionTools = {
    worker: "w",
    leaseMs: MINUTE,
    callMs: 5_000,
    connectors: {
      kinds: [kubernetesConnector, awxConnector],
      sealer: SEALER,
      outbound: outboundTo(readAllowed("127.0.0.1")),
      rpc: outboundRpcTo(readAllowed("127.0.0.1")),
      origin: null,
      sleep: async () => {},
    },
  };
  const tools: RemediationTools = {
    recipe(action, name) {
      const found = RECIPES.find((one) => one.action === action && (name === undefined || one.id === name));
      if (!found) return null;
      const shape = Object.fromEntries(Object.keys(found.params).map((one) => [one, z.boolean().optional()]));
      return { name: found.id, version: found.version, params: z.strictObject(shape) };
    },
    previewTargets: (_conn, question) => previewTargets(db, execution.connectors, question, now),
  };
  const person = async (name: string, role: "approver" | "admin" = "approver") =>
    (await people.person(role, { email: `${name}@example.org`, domain: trustDomainId })).ctx;
  const [ann, bob, cat] = [await person("ann"), await person("bob"), await person("cat")];
  const root = await person("root", "admin");

  const send = async (events: readonly unknown[]) => {
    const answer = await ingest.send({ bearer: lab.bearer, headers: BATCH, body: JSON.stringify(events) });
    if (answer.status !== 202 || answer.json.rejected.length > 0) throw new Error(answer.body);
  };
  const pass = (ms: number) => people.later(ms);
  const fold = () => foldLifecycle.run({ db, now }, never);

  /** A verdict that was measured `ms` after now; less than 0 = before. */
  const attest = async (name: string, ms = 0) => {
    const document = verdictDocument(name, clock.now.getTime() + ms, "affirming", { freshness: "evidence" });
    await send([cloudEvent("verdict", document)]);
    await fold();
  };

  /** A node that was provisioned, enrolled and attested an hour ago, as node of the cluster and host of AWX. */
  const trustedNode = async (name: string): Promise<string> => {
    const atMs = clock.now.getTime() - 60 * MINUTE;
    const identities = [
      { kind: "custom", value: name },
      { kind: "k8s_node_name", value: name },
      { kind: "k8s_node_uid", value: `uid-of-${name}` },
    ];
    await send([
      bootstrapDocument(name, atMs - 30 * MINUTE, "provisioning.registered", { identities }),
      bootstrapDocument(name, atMs - 2 * MINUTE, "provisioning.image_completed"),
      bootstrapDocument(name, atMs - MINUTE, "enrollment.credential_issued"),
    ]);
    await attest(name, -60 * MINUTE);
    kube.add(NODES, name, { spec: { taints: [{ key: "theirs", effect: "NoSchedule" }] } });
    awx.hosts.push(name);
    const { rows } = await pool.query<{ id: string }>("SELECT id FROM node WHERE display_name = $1", [name]);
    const id = rows[0]?.id ?? "";
    // A pool of its own: what other tests took away does not count against it.
    await pool.query("UPDATE node SET labels = jsonb_build_object('pool', display_name) WHERE id = $1", [id]);
    return id;
  };

  const body = (
    action: RemediationAction,
    nodeId: string,
    params: Record<string, boolean> = {},
  ): RequestRemediationBody => ({ action, targets: { nodeIds: [nodeId] }, params, reason: REASON });

  /** Start what may start, and work until nothing is due now. */
  const work = async () => {
    await runDueRemediations(db, tools, now);
    while (await workOnce(db, execution, now, never)) {}
  };

  return {
    ...{
      db,
      pool,
      trustDomainId,
      clock,
      pass,
      fold,
      attest,
      trustedNode,
      send,
      body,
      work,
      tools,
      execution,
    },
    ...{ ann, bob, cat, root, kube, awx, now },
    taintsOf: (name: string): string[] => taintsOf(kube, name),
    watch: () => watchContainment(db, execution, now, never),
    /** End of the systems; the database belongs to the test. */
    close: () => Promise.all([kube.close(), awx.close()]),
  };
}

function taintsOf(kube: KubeFake, name: string): string[] {
  const spec = kube.find(NODES, name)?.spec as { taints?: { key: string }[] } | undefined;
  return (spec?.taints ?? []).map(({ key }) => key);
}

/** AWX finishes everything that it was asked for. */
export function finishJobs({ awx }: { awx: AwxFake }): void {
  for (const job of awx.jobs) job.status = "successful";
}
