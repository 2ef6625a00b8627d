/** What a verdict rests on: shown, named, downloadable byte for byte, and checkable without the server. */
import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { paths } from "#lib/client/paths";
import { unique } from "./api.ts";
import { expect, heading, signIn, test } from "./fixtures.ts";
import { EAR_MEDIA_TYPE, earClaims, keylimeNotification, newVerifier, signed, WARNING } from "./messages.ts";
import type { EvidencePage, Problem } from "./views.ts";

const run = promisify(execFile);

test("a signed verdict shows its claims and key, and its bytes verify with the commands on the page", async ({
  page,
  product,
}, testInfo) => {
  const verifier = await newVerifier();
  const source = await product.createSource("ear", { jwks: verifier.jwks });
  const node = unique("evidence");
  const token = await signed(verifier, earClaims({ tpm: WARNING }, { nodeId: node }));
  expect((await product.deliver(source, token, EAR_MEDIA_TYPE)).status).toBe(202);
  const sha256 = createHash("sha256").update(token).digest("hex");

  await signIn(page, product, "auditor");
  await page.goto(paths.nodeEvidence(await product.nodeId(node)));
  const verdict = page.getByRole("article", { name: "Verdict" });
  await expect(verdict.getByRole("heading", { level: 2 }).first()).toContainText("Not recognised");
  await expect(verdict).toContainText("Signature verified");
  await expect(verdict).toContainText(
    `Signed with key ${verifier.kid}, ES256, pinned for source ${source.name}`,
  );
  await expect(verdict).toContainText("policy:boot/7");
  await expect(verdict.getByRole("table", { name: "AR4SI claims" })).toContainText(
    "Unrecognised executables",
  );

  const tree = verdict.getByRole("tree", { name: "Decoded claims" });
  await expect(tree.getByRole("treeitem").filter({ hasText: "eat_profile" })).toContainText("veraison/ear");
  const search = verdict.getByLabel("Search decoded claims");
  await search.fill("executables");
  await expect(tree.getByRole("treeitem").filter({ hasText: "executables" })).toContainText("33");
  const header = verdict.getByRole("tree", { name: "Protected header" });
  await expect(header.getByRole("treeitem").filter({ hasText: "kid" })).toContainText(verifier.kid);

  await expect(verdict.getByText(sha256, { exact: true })).toBeVisible();
  const downloading = page.waitForEvent("download");
  await verdict.getByRole("link", { name: "Download" }).click();
  const download = await downloading;
  const file = testInfo.outputPath(download.suggestedFilename());
  await download.saveAs(file);
  expect(await readFile(file, "utf8")).toBe(token);

  const cwd = testInfo.outputPath();
  const digest = await verdict.getByRole("region", { name: "Check the digest" }).textContent();
  expect((await run("sh", ["-c", digest ?? ""], { cwd })).stdout).toContain("OK");
  await writeFile(testInfo.outputPath("keys.json"), JSON.stringify(verifier.jwks));
  const command = (await verdict.getByRole("region", { name: "Check the signature" }).textContent()) ?? "";
  expect((await run("sh", ["-c", command], { cwd })).stdout).toContain(
    `GOOD signature by key ${verifier.kid}`,
  );
  await writeFile(testInfo.outputPath("keys.json"), JSON.stringify((await newVerifier()).jwks));
  await expect(run("sh", ["-c", command], { cwd })).rejects.toThrow();
});

test("an unsigned verdict says that only the transport vouches for it, and that its claims are derived", async ({
  page,
  product,
}) => {
  const source = await product.createSource("keylime");
  const agent = randomUUID();
  const body = keylimeNotification(agent);
  expect((await product.deliver(source, body, "application/json")).status).toBe(202);
  const nodeId = await product.nodeId(agent);

  await signIn(page, product, "analyst");
  await page.goto(paths.nodeEvidence(nodeId));
  const verdict = page.getByRole("article", { name: "Verdict" });
  await expect(verdict).toContainText(`Unsigned; the transport was authenticated as source ${source.name}`);
  await expect(verdict).toContainText("The bytes carry no signature");
  await expect(verdict).toContainText("derived · mapping keylime/1");
  await expect(verdict).toContainText("/usr/bin/dropper");
  await expect(verdict.getByRole("tree", { name: "Protected header" })).toHaveCount(0);
  const sha256 = createHash("sha256").update(body).digest("hex");
  await expect(verdict.getByText(sha256, { exact: true })).toBeVisible();
});

test("a viewer sees what the evidence amounts to, and is refused the evidence itself", async ({
  page,
  product,
  trouble,
}) => {
  trouble.allow(/status of 403/);
  const verifier = await newVerifier();
  const source = await product.createSource("ear", { jwks: verifier.jwks });
  const node = unique("private");
  const token = await signed(verifier, earClaims({ tpm: WARNING }, { nodeId: node }));
  expect((await product.deliver(source, token, EAR_MEDIA_TYPE)).status).toBe(202);
  const nodeId = await product.nodeId(node);
  const evidence = await product.read<EvidencePage>(paths.api.nodeEvidence(nodeId));
  const eventHash = evidence.items[0]?.eventHash ?? "";

  await signIn(page, product, "viewer");
  await page.goto(paths.nodeEvidence(nodeId, { event: eventHash }));
  await expect(heading(page)).toHaveText(node);
  const main = page.getByRole("main");
  await expect(main).toContainText("Your role does not allow reading evidence");
  await expect(main).toContainText("evidence:read");
  await expect(page.getByRole("article", { name: "Verdict" })).toHaveCount(0);
  await expect(main).not.toContainText(evidence.items[0]?.rawSha256 ?? "missing");

  const session = await product.session("viewer");
  for (const path of [
    paths.api.nodeEvidence(nodeId),
    paths.api.nodeVerdict(nodeId, eventHash),
    paths.api.nodeVerdictRaw(nodeId, eventHash),
  ]) {
    const answer = await session.get(path);
    expect(answer.status, path).toBe(403);
    expect(answer.json<Problem>().code).toBe("auth/forbidden");
  }
});
