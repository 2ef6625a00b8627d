/** One verdict, opened up. */
import { type VerdictFull, verdictFind } from "#db/queries/verdict";
import type { VerdictDetail } from "#lib/contracts/node";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { verdictView } from "./verdict-view.ts";

export type VerdictRef = { nodeId: string; eventHash: string };

/**
 * The stored verdict, or the one answer for "there is none" and "you may not see it".
 *
 * @throws {ProblemError} `evidence/not-found`
 */
export async function visibleVerdict(ctx: ServiceContext, ref: VerdictRef): Promise<VerdictFull> {
  const scope = readScope(ctx, "evidence:read");
  const found = await verdictFind(ctx.db, scope, ref);
  if (!found)
    throw new ProblemError("evidence/not-found", `No evidence ${ref.eventHash} for node ${ref.nodeId}.`);
  return found;
}

/** @throws {ProblemError} `evidence/not-found` */
export async function nodeVerdict(ctx: ServiceContext, ref: VerdictRef): Promise<VerdictDetail> {
  const found = await visibleVerdict(ctx, ref);
  return { verdict: verdictView(found), measurements: found.measurements ?? {}, ...decoded(found.raw) };
}

/** What a compact token or a JSON document says; shown only, never judged: that was done on arrival. */
function decoded(raw: Buffer | null): { claims: unknown; header: unknown } {
  const text = raw?.toString("utf8").trim() ?? "";
  const token = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]*$/.exec(text);
  if (!token) return { claims: jsonOrNull(text), header: null };
  const [header, claims] = [token[1], token[2]].map((part) =>
    jsonOrNull(Buffer.from(part ?? "", "base64url").toString("utf8")),
  );
  return { claims: claims ?? null, header: header ?? null };
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
