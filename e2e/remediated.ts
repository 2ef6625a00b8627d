/** Nodes to which something can be done, and requests about them. */
import type { Page } from "@playwright/test";
import { paths } from "#lib/client/paths";
import { type Product, unique } from "./api.ts";
import { expect } from "./fixtures.ts";
import { bootstrap, verdict } from "./messages.ts";

const MINUTE_MS = 60_000;
export const REASON = "The boot log names a kernel that nobody has released.";

export type Pool = { pool: string; nodes: { id: string; name: string }[] };

/** Some nodes of one pool that are on their way into the fleet and say what they measure. */
export async function addPool(product: Product, count: number): Promise<Pool> {
  const source = await product.createSource("generic");
  const analyst = await product.session("analyst");
  const pool = unique("pool");
  const nodes: Pool["nodes"] = [];
  for (let at = 0; at < count; at += 1) {
    const name = unique("worker");
    const identity = { kind: "custom", value: name };
    const nowMs = Date.now();
    await product.postDocuments(source, [
      bootstrap("provisioning.registered", identity, { displayName: name, atMs: nowMs - 5 * MINUTE_MS }),
      bootstrap("provisioning.image_completed", identity, { atMs: nowMs - 2 * MINUTE_MS }),
      // Several that fail alike would be a storm, which holds back other things than these stories are about.
      verdict(name, "verified_good"),
    ]);
    const id = await product.nodeId(name);
    const labelled = await analyst.send(paths.api.nodeLabels(id), { labels: { pool } }, {}, "PATCH");
    expect(labelled.status, labelled.text).toBe(200);
    nodes.push({ id, name });
  }
  await expect
    .poll(async () => {
      const states = await Promise.all(
        nodes.map(({ id }) => product.read<{ lifecycle: { state: string } }>(paths.api.node(id))),
      );
      return states.every(({ lifecycle }) => lifecycle.state === "enrolling");
    })
    .toBe(true);
  return { pool, nodes };
}

export type Asked = { id: string; state: string; planHash: string };

/** The analyst asks for the quarantine of some nodes. */
export async function askQuarantine(product: Product, nodeIds: readonly string[]): Promise<Asked> {
  const analyst = await product.session("analyst");
  const answer = await analyst.send(paths.api.remediations(), {
    action: "quarantine",
    targets: { nodeIds },
    reason: REASON,
  });
  expect(answer.status, answer.text).toBe(201);
  return answer.json<Asked>();
}

/** The next vote is answered as it is five minutes after the last proof; a story does not wait that long. */
export async function demandProofOnce(page: Page, requestId: string): Promise<void> {
  await page.route(
    `**${paths.api.remediationAct(requestId, "votes")}`,
    (route) =>
      route.fulfill({
        status: 403,
        contentType: "application/problem+json",
        body: JSON.stringify({
          type: paths.problem("auth/step-up-required"),
          title: "Prove once more who you are",
          status: 403,
          code: "auth/step-up-required",
          detail: "",
        }),
      }),
    { times: 1 },
  );
}
