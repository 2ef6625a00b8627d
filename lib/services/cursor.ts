/** Opaque positions in lists: base64url of a small JSON value, checked when it comes back. */
import { z } from "zod";
import { ProblemError } from "#lib/domain/problems";

export function encodeCursor(value: unknown): string {
  return Buffer.from(JSON.stringify(value), "utf8").toString("base64url");
}

/**
 * Read a cursor that this list handed out.
 *
 * @throws {ProblemError} `request/invalid` when it is garbled or belongs to another list
 */
export function decodeCursor<S extends z.ZodType>(schema: S, cursor: string): z.output<S> {
  const parsed = schema.safeParse(jsonOf(cursor));
  if (parsed.success) return parsed.data;
  throw new ProblemError(
    "request/invalid",
    "The cursor does not belong to this list. Start from the first page.",
    {
      pointers: [{ pointer: "#/query/cursor", detail: "Not a cursor of this list." }],
    },
  );
}

function jsonOf(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

/** Range of epoch milliseconds that a four-digit year can show. */
const EpochMs = z.int().min(-62_135_596_800_000).max(253_402_300_799_999);

/** Position in a list ordered by time and then id. */
export const TimeIdKey = z.strictObject({ atMs: EpochMs, id: z.uuid() });
/** Position in a list ordered by time and then digest. */
export const TimeHashKey = z.strictObject({ atMs: EpochMs, hash: z.string().regex(/^[0-9a-f]{2,128}$/) });
/** Position in the node list; `sort` keeps it from being used with another order. */
export const NodeKey = z.strictObject({
  sort: z.string(),
  rank: z.int().min(0).max(100),
  sinceMs: EpochMs,
  name: z.string().max(300),
  id: z.uuid(),
});
/** Position in the drift inbox; `sort` keeps it from being used with another order. */
export const DriftKey = z.strictObject({ sort: z.string(), value: z.number(), id: z.uuid() });
