/** From a request on a desktop to work that is given back, against a cluster over HTTP; and what a storm holds back. */
import type { Browser } from "@playwright/test";
import { paths } from "#lib/client/paths";
import { type KubeFake, startKubernetes } from "#tests/stubs/kubernetes";
import { type Product, unique } from "./api.ts";
import { expect, expectLive, expectNoHorizontalOverflow, heading, signIn, test } from "./fixtures.ts";
import { bootstrap, verdict } from "./messages.ts";
import { picture } from "./picture.ts";
import { type Asked, addPool, demandProofOnce, REASON } from "./remediated.ts";

const PHONE = { width: 390, height: 844 };
const SAID = "Looked at the boot log, the kernel is not ours.";
const FREED = "The kernel was put back and the node was looked at.";
const TOKEN = "token-of-the-cluster";
const TAINT = "touchstone.dev/quarantine";
const NODES = "/api/v1/nodes";
/** Worker and polling of verdicts take their time. Milliseconds. */
const SOON = 90_000;

/** A cluster that knows a node, used for the nodes of one pool. */
async function connectCluster(
  product: Product,
  { pool, name }: { pool: string; name: string },
): Promise<KubeFake> {
  const cluster = await startKubernetes(TOKEN);
  cluster.add(NODES, name, { spec: { taints: [{ key: "theirs", effect: "NoSchedule" }] } });
  for (const collection of ["/api/v1/pods", "/apis/certificates.k8s.io/v1/certificatesigningrequests"])
    cluster.objects.set(collection, []);
  const admin = await product.session("admin");
  const answer = await admin.send(paths.api.connectors(), {
    kind: "kubernetes",
    name: unique("cluster"),
    settings: { url: cluster.url },
    secrets: { token: TOKEN },
    selector: `node.labels.pool == "${pool}"`,
  });
  expect(answer.status, answer.text).toBe(201);
  return cluster;
}

function taintsOf(cluster: KubeFake, name: string): string[] {
  const spec = cluster.find(NODES, name)?.spec as { taints?: { key: string }[] } | undefined;
  return (spec?.taints ?? []).map(({ key }) => key);
}

const expectState = (product: Product, id: string, state: string) =>
  expect
    .poll(async () => (await product.read<Asked>(paths.api.remediation(id))).state, { timeout: SOON })
    .toBe(state);

/** The approver decides on a phone, and proves once more who it is. */
async function approveOnPhone(browser: Browser, product: Product, requestId: string): Promise<void> {
  const context = await browser.newContext({ viewport: PHONE, hasTouch: true, isMobile: true });
  try {
    const phone = await context.newPage();
    await signIn(phone, product, "approver");
    await phone.goto(paths.remediation(requestId));
    await expectLive(phone);
    await expectNoHorizontalOverflow(phone);
    await phone.getByLabel("Reason for your decision").fill(SAID);
    await demandProofOnce(phone, requestId);
    await phone.getByRole("button", { name: "Approve" }).click();
    const proof = phone.getByRole("dialog", { name: "Prove once more who you are" });
    await proof.getByLabel("Password").fill("four-plain-words-here");
    await proof.getByRole("button", { name: "Go on" }).click();
    await expect(phone.getByText(SAID)).toBeVisible();
  } finally {
    await context.close();
  }
}

test("a node is quarantined, seen to be, released by two after a fresh verdict, and all of it is on record", async ({
  page,
  product,
  browser,
}) => {
  test.slow();
  const { pool, nodes } = await addPool(product, 1);
  const [node] = nodes;
  if (!node) throw new Error("no node");
  const cluster = await connectCluster(product, { pool, name: node.name });
  try {
    await signIn(page, product, "analyst");
    await page.goto(paths.node(node.id));
    await expectLive(page);
    await page.getByRole("button", { name: "Request" }).click();
    await page.getByRole("menuitem", { name: "Quarantine…" }).click();
    const dialog = page.getByRole("alertdialog", { name: `Quarantine ${node.name}` });
    await dialog.getByLabel("Reason").fill(REASON);
    await dialog.getByLabel(`Type ${node.name} to confirm`).fill(node.name);
    await dialog.getByRole("button", { name: "Request: quarantine" }).click();
    await expect(heading(page)).toHaveText(`Quarantine ${node.name}`);
    const quarantine = new URL(page.url()).pathname.split("/").at(-1) ?? "";
    expect(cluster.effects).toEqual([]);

    await approveOnPhone(browser, product, quarantine);
    await expectState(product, quarantine, "succeeded");
    expect(taintsOf(cluster, node.name)).toEqual(["theirs", TAINT]);
    await expect(page.getByText("succeeded", { exact: true }).first()).toBeVisible({ timeout: SOON });
    await picture(page, "story-quarantined");

    const release = await releasedByTwo(product, node.id);
    await expectState(product, release, "verifying");
    expect(taintsOf(cluster, node.name)).toContain(TAINT);
    await attest(product, node.name);
    await expectState(product, release, "succeeded");
    expect(taintsOf(cluster, node.name)).toEqual(["theirs"]);

    const { lifecycle } = await product.read<{ lifecycle: { state: string } }>(paths.api.node(node.id));
    expect(lifecycle.state).toBe("trusted");
    await expectOnRecord(product, quarantine, [
      "remediation.request",
      "remediation.vote",
      "remediation.start",
    ]);
    await expectOnRecord(product, release, ["remediation.step_intended", "remediation.step_observed"]);
    await signIn(page, product, "auditor");
    await page.goto(paths.remediationActivity(release));
    await expectLive(page);
    await picture(page, "story-on-record");
  } finally {
    await cluster.close();
  }
});

/** The analyst asks; the approver and the administrator agree. @returns the request */
async function releasedByTwo(product: Product, nodeId: string): Promise<string> {
  const analyst = await product.session("analyst");
  const asked = await analyst.send(paths.api.remediations(), {
    action: "release",
    targets: { nodeIds: [nodeId] },
    reason: FREED,
  });
  expect(asked.status, asked.text).toBe(201);
  const { id, planHash } = asked.json<Asked>();
  const vote = { decision: "approve", planHash, reason: FREED };
  for (const role of ["approver", "admin"] as const) {
    const answer = await (await product.session(role)).send(paths.api.remediationAct(id, "votes"), vote);
    expect(answer.status, answer.text).toBe(200);
  }
  return id;
}

/** What a node says after its release, measured after it. */
async function attest(product: Product, name: string): Promise<void> {
  const source = await product.createSource("generic");
  const identity = { kind: "custom", value: name };
  await product.postDocuments(source, [
    bootstrap("enrollment.credential_issued", identity),
    verdict(name, "verified_good", { freshness: "evidence" }),
  ]);
}

async function expectOnRecord(product: Product, entityId: string, actions: readonly string[]): Promise<void> {
  type Entries = { items: { action: string }[] };
  const { items } = await product.read<Entries>(paths.api.audit({ entityId, limit: 200 }));
  const known = new Set(items.map(({ action }) => action));
  for (const action of actions) expect(known).toContain(action);
}

test("many nodes that fail alike are a storm: whoever asks is told to suspect the verifier first", async ({
  product,
}) => {
  test.slow();
  const { nodes } = await addPool(product, 5);
  const source = await product.createSource("generic");
  await product.postDocuments(
    source,
    nodes.map(({ name }) => verdict(name, "verified_bad", { reasons: [] })),
  );
  const analyst = await product.session("analyst");
  const body = { action: "quarantine", targets: { nodeIds: [nodes[0]?.id] } };
  await expect
    .poll(
      async () => {
        const answer = await analyst.send(paths.api.remediationNew("preview"), body);
        const { checks } = answer.json<{ checks: { rule: string; ok: boolean }[] }>();
        return checks.some(({ rule, ok }) => rule === "storm" && !ok);
      },
      { timeout: SOON },
    )
    .toBe(true);
});
