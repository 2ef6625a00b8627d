import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { MarkdownText } from "#components/runbooks/markdown";
import { PageHeader } from "#components/ui/page-header";
import { paths } from "#lib/client/paths";
import { requirePageContext } from "#lib/server/page-context";
import { runbookOf } from "#lib/server/runbooks";

type Props = { params: Promise<{ runbookId: string }> };

const runbook = cache(async (id: string) => {
  await requirePageContext("fleet:read");
  return runbookOf(id);
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await runbook((await params).runbookId))?.title ?? "Runbook" };
}

export default async function RunbookPage({ params }: Props) {
  const found = await runbook((await params).runbookId);
  if (!found) notFound();
  return (
    <>
      <PageHeader crumbs={[{ href: paths.runbooks(), label: "Runbooks" }]} title={found.title} />
      <MarkdownText text={found.text} />
    </>
  );
}
