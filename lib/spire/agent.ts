/** An agent as a SPIRE Server tells of it, and nothing that it should not say. */
import { z } from "zod";

/** Latest moment that can be told of: the end of the year 9999. */
const MAX_SECONDS = 253_402_300_799;

/** What of an agent a server says. */
export type SpireAgent = {
  /** SPIFFE ID. */
  id: string;
  attestationType: string;
  /** Of its X509-SVID; `""` for a banned agent, which has none. */
  serial: string;
  /** Seconds since 1970; `null` when the server names no end. */
  expiresAt: number | null;
  selectors: readonly { type: string; value: string }[];
  banned: boolean;
  /** It can come back by itself; one that cannot has to be deleted first. */
  canReattest: boolean;
};

/** No character that would break a line or hide in one. */
const Printable = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufffd]*$/u);

/** The two parts of an id, read as a SPIFFE ID. */
export const AgentId = z
  .object({
    trustDomain: z.string().regex(/^[a-z0-9._-]{1,255}$/),
    path: z.string().regex(/^(\/[A-Za-z0-9._-]+)+$/),
  })
  .transform(({ trustDomain, path }) => `spiffe://${trustDomain}${path}`)
  .pipe(z.string().max(256));

/** Everything but the id. */
export const AgentEntry = z.object({
  attestationType: Printable(128),
  serial: Printable(128),
  expiresAt: z.coerce
    .number()
    .int()
    .min(0)
    .max(MAX_SECONDS)
    .transform((seconds) => seconds || null),
  selectors: z.array(z.object({ type: Printable(256), value: Printable(2048) })),
  banned: z.boolean(),
  canReattest: z.boolean(),
});

/** Everything but what later versions may add. */
export const OUTPUT_MASK = {
  attestationType: true,
  serial: true,
  expiresAt: true,
  selectors: true,
  banned: true,
  canReattest: true,
};
