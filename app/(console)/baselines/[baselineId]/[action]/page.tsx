import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { ProposePage } from "#components/baselines/propose-page";
import { requirePageContext } from "#lib/server/page-context";
import { baselineOfPage, versionOf } from "../baseline-of-page.ts";

export const metadata: Metadata = { title: "Propose a change of a baseline" };

export default async function BaselineActionPage(props: {
  params: Promise<{ baselineId: string; action: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  await requirePageContext("change:propose");
  const { baselineId, action } = await props.params;
  if (action !== "publish" && action !== "rollout" && action !== "rollback") notFound();
  const { id } = await baselineOfPage(baselineId);
  const { version } = await props.searchParams;
  return <ProposePage id={id} action={action} version={versionOf(version)} />;
}
