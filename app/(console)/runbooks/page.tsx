import type { Metadata } from "next";
import { RunbookList } from "#components/runbooks/runbook-list";
import { requirePageContext } from "#lib/server/page-context";
import { runbooks } from "#lib/server/runbooks";

export const metadata: Metadata = { title: "Runbooks" };

export default async function RunbooksPage() {
  await requirePageContext("fleet:read");
  return <RunbookList runbooks={await runbooks()} />;
}
