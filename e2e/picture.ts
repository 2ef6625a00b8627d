/** Pictures for people. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";

/** The whole page in both themes, where somebody asks for it by `TOUCHSTONE_PICTURES`; ends in the light one. */
export async function picture(page: Page, name: string): Promise<void> {
  const dir = process.env.TOUCHSTONE_PICTURES;
  if (!dir) return;
  mkdirSync(dir, { recursive: true });
  for (const theme of ["dark", "light"]) {
    await page.evaluate((to) => document.documentElement.setAttribute("data-theme", to), theme);
    await page.screenshot({ path: join(dir, `${name}-${theme}.png`), fullPage: true });
  }
}
