/** Lines of evidence as their hot rows have them. */
import { type SQL, sql } from "drizzle-orm";

/**
 * When lane `l` was last heard with something that counts; NULL = nothing counts any more that was ever said on it.
 *
 * Of such a lane the gap begins where it was first heard. The gap of one that fell silent begins later than that, at its limit.
 */
export const heardAt = (l: SQL): SQL =>
  sql`CASE WHEN ${l}.opening_hash IS NOT NULL OR ${l}.since > ${l}.last_at THEN ${l}.last_at END`;
