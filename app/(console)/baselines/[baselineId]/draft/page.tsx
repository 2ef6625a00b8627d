import type { Metadata } from "next";
import { DraftPage } from "#components/baselines/draft-page";
import { requirePageContext } from "#lib/server/page-context";
import { baselineOfPage, versionOf } from "../baseline-of-page.ts";

export const metadata: Metadata = { title: "New draft" };

export default async function BaselineDraftPage(props: {
  params: Promise<{ baselineId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  await requirePageContext("baseline:draft");
  const { id, versions } = await baselineOfPage((await props.params).baselineId);
  const { from } = await props.searchParams;
  return <DraftPage id={id} from={versionOf(from) ?? versions[0]?.version ?? 1} />;
}
