/** What every spec begins with: the product, a browser that is watched, and ways to look at a page. */
import { AxeBuilder } from "@axe-core/playwright";
import { type BrowserContext, test as base, expect, type Page } from "@playwright/test";
import { Product } from "./api.ts";
import type { Role } from "./views.ts";

/** What went wrong in a browser without anybody looking: violations of the policy, errors, dialogs. */
class Trouble {
  readonly #found: string[] = [];
  readonly #allowed: RegExp[] = [];

  /** Something that the test brings about on purpose. */
  allow(pattern: RegExp): void {
    this.#allowed.push(pattern);
  }

  /** Watch every page of a context. Must be called before the context opens one. */
  async watch(context: BrowserContext): Promise<void> {
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(`CSP violation: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
    context.on("console", (message) => {
      if (message.type() === "error")
        this.#found.push(`console: ${message.text()} (${message.location().url})`);
    });
    context.on("weberror", (error) => this.#found.push(`page error: ${error.error().message}`));
    context.on("dialog", (dialog) => {
      this.#found.push(`dialog: ${dialog.message()}`);
      dialog.dismiss().catch(() => {});
    });
  }

  found(): string[] {
    return this.#found.filter((text) => !this.#allowed.some((pattern) => pattern.test(text)));
  }
}

type TestFixtures = { trouble: Trouble };
type WorkerFixtures = { product: Product };

export const test = base.extend<TestFixtures, WorkerFixtures>({
  product: [
    // biome-ignore lint/correctness/noEmptyPattern: the runner reads the fixtures that are used from the pattern
    async ({}, provide, { project }) => provide(new Product(project.use.baseURL ?? "")),
    { scope: "worker" },
  ],
  trouble: [
    async ({ context }, provide) => {
      const trouble = new Trouble();
      await trouble.watch(context);
      await provide(trouble);
      expect(trouble.found(), "errors, dialogs and policy violations in the browser").toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** Sign the page's browser in without the form. */
export async function signIn(page: Page, product: Product, role: Role): Promise<void> {
  const session = await product.session(role);
  await session.prove();
  await page.context().addCookies([session.browserCookie]);
}

/** Fill in and send the sign-in form that is on screen. */
export async function submitSignIn(
  page: Page,
  { email, password }: { email: string; password: string },
): Promise<void> {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Wait until the page's code runs: the connection for changes is opened by it. */
export async function expectLive(page: Page): Promise<void> {
  await expect(connection(page)).toHaveText("Live");
}

/** Where the page says whether changes arrive. */
export function connection(page: Page) {
  return page
    .getByRole("banner")
    .getByRole("status")
    .filter({ hasText: /^(Connecting|Live|Reconnecting|Offline|Paused)/ });
}

const THEMES = ["light", "dark"] as const;
const AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** No finding of axe that is serious or critical, in either theme. */
export async function expectNoSeriousAxe(page: Page): Promise<void> {
  for (const colorScheme of THEMES) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await expect(page.locator("html")).toHaveAttribute("data-theme", colorScheme);
    // The usual mode would open a page of its own for each run.
    const { violations } = await new AxeBuilder({ page }).withTags(AXE_TAGS).setLegacyMode(true).analyze();
    const serious = violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
    expect(serious, `${page.url()} in ${colorScheme}`).toEqual([]);
  }
}

/** The page does not scroll sideways. */
export async function expectNoHorizontalOverflow(page: Page): Promise<void> {
  const excess = () =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await expect.poll(excess, { message: `${page.url()} is wider than the screen` }).toBeLessThanOrEqual(0);
}

/** The page's heading: there is exactly one. */
export function heading(page: Page) {
  return page.getByRole("main").getByRole("heading", { level: 1 });
}
