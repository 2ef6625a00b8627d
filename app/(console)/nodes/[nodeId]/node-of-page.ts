import "server-only";
import { cache } from "react";
import { z } from "zod";
import type { NodeView } from "#lib/contracts/node";
import { ProblemError } from "#lib/domain/problems";
import { requirePageContext } from "#lib/server/page-context";
import { nodeGet } from "#lib/services/node/get";

const Params = z.object({ nodeId: z.uuid() });

/** The node that an address names; `null` when it cannot be one. */
export function nodeIdOf(params: unknown): string | null {
  const parsed = Params.safeParse(params);
  return parsed.success ? parsed.data.nodeId : null;
}

/** The node of this request, read once for title and header; `null` when there is none to see. */
export const nodeOfPage = cache(async (nodeId: string): Promise<NodeView | null> => {
  const ctx = await requirePageContext("fleet:read");
  try {
    return await nodeGet(ctx, { nodeId });
  } catch (error) {
    if (error instanceof ProblemError && error.code === "node/not-found") return null;
    throw error;
  }
});
