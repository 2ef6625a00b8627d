import "server-only";
import { cache } from "react";
import type { SourceList, SourceView } from "#lib/contracts/source";
import { requirePageContext } from "#lib/server/page-context";
import { sourceKinds } from "#lib/server/runtime";
import { sourceList } from "#lib/services/source/list";

/** The source of this request among all, read once for title and header; `null` when there is none to see. */
export const sourceOfPage = cache(
  async (sourceId: string): Promise<{ source: SourceView; sources: SourceList } | null> => {
    const ctx = await requirePageContext("source:read");
    const sources = await sourceList(ctx, sourceKinds());
    const source = sources.items.find(({ id }) => id === sourceId);
    return source ? { source, sources } : null;
  },
);
