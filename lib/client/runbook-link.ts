import { paths } from "./paths.ts";

/** Another page of the same folder. */
const RUNBOOK = /^(?:\.\/)?([a-z0-9-]+)\.md$/;

/** Where a link of a runbook leads within the product; `null` = out of it. */
export function pathOfLink(href: string): string | null {
  const runbook = RUNBOOK.exec(href)?.[1];
  if (runbook !== undefined) return paths.runbook(runbook);
  return href.startsWith("/") && !href.startsWith("//") && !href.includes("\\") ? href : null;
}
