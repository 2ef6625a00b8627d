import { notFound, redirect } from "next/navigation";
import { paths } from "#lib/client/paths";
import { nodeIdOf } from "./node-of-page.ts";

/** A node opens on its timeline. */
export default async function NodePage(props: { params: Promise<{ nodeId: string }> }) {
  const nodeId = nodeIdOf(await props.params);
  if (!nodeId) notFound();
  redirect(paths.nodeTimeline(nodeId));
}
