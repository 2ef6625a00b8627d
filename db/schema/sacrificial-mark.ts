/** Nodes on which recipes may be drilled for real. */
import { pgTable, text, uuid } from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";

export const sacrificialMark = pgTable("sacrificial_mark", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  nodeId: uuid("node_id").notNull(),
  reason: text("reason").notNull(),
  madeBy: uuid("made_by").notNull(),
  madeAt: instant("made_at").notNull(),
  /** From then on it does not hold. */
  expiresAt: instant("expires_at").notNull(),
  /** `null` = nobody ended it. */
  endedAt: instant("ended_at"),
  endedBy: uuid("ended_by"),
});
