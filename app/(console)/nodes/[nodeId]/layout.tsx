import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { NodeHeader } from "#components/node/node-header";
import { NodeRefresh } from "#components/node/node-refresh";
import { NodeTabs } from "#components/node/node-tabs";
import { displayText } from "#lib/client/format";
import { nodeOptions } from "#lib/client/node";
import { makeQueryClient } from "#lib/client/query";
import { PRESENT } from "#lib/client/time-travel";
import { nodeIdOf, nodeOfPage } from "./node-of-page.ts";

type Props = { params: Promise<{ nodeId: string }>; children: ReactNode };

export async function generateMetadata({ params }: Pick<Props, "params">): Promise<Metadata> {
  const nodeId = nodeIdOf(await params);
  const node = nodeId ? await nodeOfPage(nodeId) : null;
  return { title: node ? displayText(node.displayName).text : "Node" };
}

/** What holds for every page of a node: its header stays while the tab below changes. */
export default async function NodeLayout({ params, children }: Props) {
  const nodeId = nodeIdOf(await params);
  const node = nodeId ? await nodeOfPage(nodeId) : null;
  if (!node) notFound();
  const queryClient = makeQueryClient();
  queryClient.setQueryData(nodeOptions(node.id, PRESENT).queryKey, node);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <NodeRefresh nodeId={node.id} />
      <NodeHeader nodeId={node.id} />
      <NodeTabs nodeId={node.id} />
      <div className="pt-3">{children}</div>
    </HydrationBoundary>
  );
}
