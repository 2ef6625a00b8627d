/** What people say about controls. */
import { pgTable, text, uuid } from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";

export const controlNote = pgTable("control_note", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  framework: text("framework").notNull(),
  control: text("control").notNull(),
  /** `exception`, `compensating`, `not_applicable` or `manual`. */
  kind: text("kind").notNull(),
  /** Of a manual check: `pass` or `fail`; `null` for the others. */
  verdict: text("verdict"),
  reason: text("reason").notNull(),
  madeBy: uuid("made_by").notNull(),
  madeAt: instant("made_at").notNull(),
  expiresAt: instant("expires_at").notNull(),
  endedAt: instant("ended_at"),
  endedBy: uuid("ended_by"),
});
