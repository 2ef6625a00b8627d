/**
 * A21, A22 and A23: what a verifier says is text wherever it is shown, exported or logged.
 *
 * The production build runs in a directory of its own and a real browser looks at it. Each string stands in every
 * field that a verifier controls of a node of its own; then every page that shows the node, and every page of lists,
 * is opened. There may be no dialog, no violation of the policy, no injected element, no invisible character that is
 * not shown as an escape; in exports no cell that calculates; in the log no line that is no document of ours.
 *
 * Planted bug: a page that takes text for markup.
 */
import { setTimeout } from "node:timers/promises";
import { type Browser, chromium, type Page } from "@playwright/test";
import { paths } from "#lib/client/paths";
import { Product, type Sender, type Session } from "../../e2e/api.ts";
import { bootstrap, verdict } from "../../e2e/messages.ts";
import { consolePages, makeWorld, type World } from "../../e2e/world.ts";
import { provideBrowser } from "../../scripts/find-browser.ts";
import { hostileStrings } from "./hostile-strings.ts";
import { startInstallation } from "./installation.ts";
import type { Proof } from "./proof.ts";

const STRINGS = { short: 2, full: 500 };
const MAX_LINES = 8;
/** Names of sources are unique and few. */
const SOURCES = 60;
/** Characters that must never reach the eye as they are. */
const INVISIBLE = /(?![\n\t\r])\p{Cc}|[\p{Bidi_Control}\u200b\u2060\ufeff]/u;

export const hostileTextIsText: Proof = async ({ short, planted, seed, log }) => {
  const strings = hostileStrings(short ? STRINGS.short : STRINGS.full, seed);
  const installation = await startInstallation();
  let [cases, failed] = [0, 0];
  const check = (what: string, found: readonly string[]) => {
    cases += 1;
    if (found.length === 0) return;
    failed += 1;
    if (failed <= MAX_LINES) log(`${what}: ${found.slice(0, 3).join("; ").slice(0, 400)}`);
  };
  let browser: Browser | null = null;
  try {
    const product = new Product(installation.baseURL);
    const session = await product.session("admin");
    const source = await product.createSource("generic");
    // What people name stands in the audit log and its exports.
    for (const [index, text] of strings.slice(0, SOURCES).entries())
      await product.createSource("generic", { name: `${text.slice(0, 70)} ${index}` });
    browser = await chromium.launch({ executablePath: await provideBrowser(), args: ["--no-sandbox"] });
    const context = await browser.newContext();
    await context.addCookies([session.browserCookie]);
    const watched = await watch(await context.newPage());
    for (const [index, text] of strings.entries()) {
      await makeRoom(session);
      const { nodeId } = await say(product, source, `h${index}`, text);
      for (const path of pagesOf(nodeId)) {
        check(`${path} ${JSON.stringify(text)}`, await look(watched, installation.baseURL + path, planted));
      }
      if ((index + 1) % 20 === 0) log(`${index + 1} strings, ${failed} of ${cases} looks failed`);
    }
    const world: World = await makeWorld(product);
    const lists = consolePages(world).map(({ path }) => path);
    for (const path of [
      ...lists,
      paths.source(source.sourceId),
      paths.source(source.sourceId, { tab: "rejected" }),
    ])
      check(path, await look(watched, installation.baseURL + path, planted));
    for (const format of ["csv", "jsonl"] as const) {
      const answer = await session.get(paths.api.auditExport({ format }));
      check(
        `export ${format} ${answer.status}`,
        format === "csv" ? formulaCells(answer.text) : wrongLines(answer.text),
      );
    }
    check("the log", wrongLines(installation.log().join("\n")));
    return { cases, failed };
  } finally {
    await browser?.close();
    await installation.stop();
  }
};

/** The string in every field of a node, its verdict, its events, and of a message that is refused. */
async function say(product: Product, source: Sender, id: string, text: string): Promise<{ nodeId: string }> {
  const short = text.slice(0, 240);
  // Names of measurements are keys, which hold no line ends; their values may.
  const measurements = { [`kernel/${short.replace(/\p{Cc}/gu, "")}`]: short, plain: short };
  const reason = { code: short, component: short, got: short, expected: short, detail: short };
  const actor = { kind: "service", id: short, address: short };
  await product.postDocuments(source, [
    bootstrap(
      "provisioning.discovered",
      { kind: "custom", value: id },
      { displayName: short, reasonText: short },
    ),
    bootstrap(
      "enrollment.failed",
      { kind: "custom", value: id },
      { displayName: short, outcome: "failure", reasonText: short, actor, method: short, requestId: short },
    ),
    // About nobody, so that it stands among those without a node.
    bootstrap("enrollment.failed", null, { outcome: "failure", reasonText: short, actor, method: short }),
    verdict(id, "verified_bad", {
      displayName: short,
      reasons: [reason],
      measurements,
      policyIds: [short],
      verifier: { id: short, build: short },
    }),
  ]);
  await product.deliver(source, `{"schema":${JSON.stringify(short)}}`, "application/json");
  await product.deliver(source, short, "application/json");
  return { nodeId: await product.nodeId(id) };
}

/** Requests that the pages of one string need at most. */
const ROOM = 200;

/** Wait for the next minute of the administrator's allowance when this one has too little left. */
async function makeRoom(session: Session): Promise<void> {
  const said = (await session.get(paths.api.account())).headers.get("ratelimit") ?? "";
  const [, left = "0", resetSeconds = "60"] = /r=(\d+);t=(\d+)/.exec(said) ?? [];
  if (Number(left) < ROOM) await setTimeout((Number(resetSeconds) + 1) * 1_000);
}

const pagesOf = (nodeId: string): string[] => [
  paths.nodeTimeline(nodeId),
  paths.nodeEvidence(nodeId),
  paths.nodeBootstrap(nodeId),
  paths.nodeCompare(nodeId),
  paths.nodeDrift(nodeId),
  paths.nodes(),
];

type Watched = { page: Page; found: string[] };

async function watch(page: Page): Promise<Watched> {
  const found: string[] = [];
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  page.on("console", (message) => {
    // Answers that a page expects, such as that there is nothing to compare, are errors to the console, too.
    if (/policy violation|Content Security Policy/.test(message.text())) found.push(message.text());
  });
  // A page that was refused what it shows would look fine.
  page.on("response", (answer) => {
    if (answer.status() === 429) found.push(`${answer.url()} answered 429`);
  });
  page.on("pageerror", (error) => found.push(`page error: ${error.message}`));
  page.on("dialog", (dialog) => {
    found.push(`dialog: ${dialog.message()}`);
    dialog.dismiss().catch(() => {});
  });
  return { page, found };
}

/** Open a page and say what is wrong with it. */
async function look({ page, found }: Watched, url: string, planted: boolean): Promise<string[]> {
  found.length = 0;
  const answer = await page.goto(url, { waitUntil: "load" });
  if ((answer?.status() ?? 0) >= 400) found.push(`answered ${answer?.status()}`);
  await page.getByRole("main").getByRole("heading", { level: 1 }).waitFor();
  if (planted) {
    // The bug: text of the page is taken for markup.
    await page.evaluate(() => {
      const main = document.querySelector("main");
      if (main) main.innerHTML = main.textContent ?? "";
    });
  }
  const seen = await page.evaluate(() => ({
    hit: "hit" in window,
    injected: document.querySelectorAll("[data-hit], main script, main iframe, main base, main meta").length,
  }));
  if (seen.hit) found.push("code ran");
  if (seen.injected > 0) found.push(`${seen.injected} injected elements`);
  // biome-ignore lint/performance/useDomNodeTextContent: what is hidden is not seen, and only the eye is deceived
  const invisible = INVISIBLE.exec(await page.locator("body").innerText());
  if (invisible) found.push(`U+${invisible[0].codePointAt(0)?.toString(16)} is shown as it is`);
  return [...found];
}

/** Cells of a CSV file that a spreadsheet would calculate, read by the rules of RFC 4180. */
function formulaCells(csv: string): string[] {
  const cells = csv.match(/"(?:[^"]|"")*"|[^,\r\n]+/g) ?? [];
  return cells
    .map((cell) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell))
    .filter((cell) => /^\s*[=+\-@＝＋－＠]/.test(cell));
}

/** Lines that are no JSON document. */
function wrongLines(text: string): string[] {
  return text
    .split(/\r?\n|[\u0085\u2028\u2029]/)
    .filter((line) => line.trim() !== "")
    .filter((line) => {
      try {
        return typeof JSON.parse(line) !== "object";
      } catch {
        return true;
      }
    });
}
