/** What a source sent that was refused. */
import { type RejectedRow, rejectedList } from "#db/queries/rejected";
import { sourceFind } from "#db/queries/source";
import type { RejectedPage, RejectedQuery, RejectedView } from "#lib/contracts/source";
import { PROBLEMS, ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";
import { decodeCursor, encodeCursor, TimeIdKey } from "#lib/services/cursor";
import { readScope } from "#lib/services/guard";
import { iso } from "#lib/services/instant";
import { timePoint } from "#lib/services/time-point";

/** @throws {ProblemError} `source/not-found`; `request/invalid` for a foreign cursor */
export async function rejectedEvents(
  ctx: ServiceContext,
  query: RejectedQuery & { sourceId: string },
): Promise<RejectedPage> {
  const scope = readScope(ctx, "rejected:read");
  if (!(await sourceFind(ctx.db, scope, query.sourceId))) {
    throw new ProblemError("source/not-found", `No source ${query.sourceId}.`);
  }
  const { used, asOf } = timePoint(ctx, { asOf: query.asOf });
  const after = query.cursor ? decodeCursor(TimeIdKey, query.cursor) : null;
  const page = await rejectedList(ctx.db, scope, {
    sourceId: query.sourceId,
    asOf,
    after,
    limit: query.limit,
  });
  const items = page.items.map(rejectedView);
  return {
    asOf: used.asOf,
    // Counters move in place: what they were at an earlier instant is not kept.
    items: asOf ? items.map((item) => ({ ...item, times: null, lastAt: null })) : items,
    nextCursor: page.next ? encodeCursor(page.next) : null,
  };
}

function rejectedView({ head, ...row }: RejectedRow): RejectedView {
  const known = PROBLEMS[row.code as keyof typeof PROBLEMS];
  return {
    ...row,
    title: known?.title ?? row.code,
    firstAt: iso(row.firstAt),
    lastAt: iso(row.lastAt),
    excerpt: printable(head),
  };
}

/** Bytes as text in which nothing can act: what is not printable ASCII, tab or line feed shows as `\xNN`. */
function printable(bytes: Buffer): string {
  let text = "";
  for (const byte of bytes) {
    const plain = byte === 0x09 || byte === 0x0a || (byte >= 0x20 && byte < 0x7f);
    text += plain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return text;
}
