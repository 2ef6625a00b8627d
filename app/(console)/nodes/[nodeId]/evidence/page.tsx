import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import { notFound } from "next/navigation";
import { EvidenceView } from "#components/node/evidence-view";
import { EmptyState } from "#components/ui/empty-state";
import { nodeEvidenceOptions, nodeVerdictOptions } from "#lib/client/node";
import { makeQueryClient } from "#lib/client/query";
import { can, PERMISSIONS } from "#lib/domain/access";
import { requirePageContext } from "#lib/server/page-context";
import { nodeEvidence } from "#lib/services/node/evidence";
import { nodeVerdict } from "#lib/services/node/verdict";
import { nodeIdOf } from "../node-of-page.ts";

const PAGE_SIZE = 25;
const INSTANT = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/;

type Props = {
  params: Promise<{ nodeId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

const single = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);

export default async function NodeEvidencePage(props: Props) {
  const nodeId = nodeIdOf(await props.params);
  if (!nodeId) notFound();
  const ctx = await requirePageContext("fleet:read");
  if (!can(ctx.actor, "evidence:read")) {
    return (
      <EmptyState title="Your role does not allow reading evidence">
        It needs the permission <code className="font-mono">evidence:read</code>, which the roles{" "}
        {PERMISSIONS["evidence:read"].join(", ")} hold. The timeline shows what the evidence amounts to.
      </EmptyState>
    );
  }
  const search = await props.searchParams;
  const asked = single(search.before);
  const before = asked && INSTANT.test(asked) ? asked : null;

  const queryClient = makeQueryClient();
  const list = await queryClient
    .infiniteQuery({
      ...nodeEvidenceOptions(nodeId, before),
      queryFn: () => nodeEvidence(ctx, { nodeId, limit: PAGE_SIZE, ...(before ? { before } : {}) }),
      retry: false,
    })
    .catch(() => undefined);
  const eventHash = single(search.event) ?? list?.pages[0]?.items[0]?.eventHash;
  if (eventHash) {
    await queryClient
      .query({
        ...nodeVerdictOptions(nodeId, eventHash),
        queryFn: () => nodeVerdict(ctx, { nodeId, eventHash }),
        retry: false,
      })
      .catch(() => undefined);
  }
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <EvidenceView nodeId={nodeId} />
    </HydrationBoundary>
  );
}
