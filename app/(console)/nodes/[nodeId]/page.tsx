import { notFound, redirect } from "next/navigation";
import { paths } from "#lib/client/paths";
import { timeTravelOf, withTime } from "#lib/client/time-travel";
import { nodeIdOf } from "./node-of-page.ts";

type Props = {
  params: Promise<{ nodeId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

/** A node opens on its timeline. */
export default async function NodePage(props: Props) {
  const nodeId = nodeIdOf(await props.params);
  if (!nodeId) notFound();
  redirect(withTime(paths.nodeTimeline(nodeId), timeTravelOf(await props.searchParams)));
}
