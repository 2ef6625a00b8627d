/** Connectors: what they are set to, how their last test went, and the forms of their kinds. */
import { z } from "zod";
import { Instant, Uuid } from "./common.ts";

const ConnectorName = z
  .string()
  .trim()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}$/,
    "Letters, digits, space, dot, dash and underscore; 63 at most",
  );
const Selector = z.string().trim().max(2_000).describe("CEL over `node`; empty = every node.");
/** Settings and secrets by name; what they must be is the kind's to say. */
const Given = z.record(z.string().max(100), z.unknown());
const GivenSecrets = z.record(z.string().max(100), z.string().max(70_000));

const CheckView = z.strictObject({
  name: z.string(),
  ok: z.boolean(),
  /** `false` = to be known, and nothing more. */
  blocking: z.boolean(),
  detail: z.string(),
});

export const ConnectorTestView = z.strictObject({
  at: Instant,
  /** No blocking check failed. */
  ok: z.boolean(),
  checks: z.array(CheckView),
});
export type ConnectorTestView = z.infer<typeof ConnectorTestView>;

/** One field of a kind's form. */
export const ConnectorField = z.strictObject({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  input: z.enum(["text", "url", "pem", "number", "switch", "choice"]),
  /** Of a choice. */
  choices: z.array(z.string()),
  /** `null` = none. */
  initial: z.union([z.string(), z.number(), z.boolean()]).nullable(),
  required: z.boolean(),
});
export type ConnectorField = z.infer<typeof ConnectorField>;

export const ConnectorKindView = z.strictObject({
  kind: z.string(),
  label: z.string(),
  /** Page of the guide with the rights that it needs. */
  guide: z.string(),
  settings: z.array(ConnectorField),
  secrets: z.array(ConnectorField),
  verbs: z.array(
    z.strictObject({
      verb: z.string(),
      words: z.string(),
      destructive: z.boolean(),
      undo: z.string().nullable(),
    }),
  ),
});
export type ConnectorKindView = z.infer<typeof ConnectorKindView>;

export const ConnectorView = z.strictObject({
  id: Uuid,
  trustDomainId: Uuid,
  trustDomain: z.string(),
  kind: z.string(),
  name: z.string(),
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  selector: z.string(),
  selectorWords: z.string(),
  createdAt: Instant,
  changedAt: Instant,
  /** When its secrets were last given; they are never shown. */
  secretsChangedAt: Instant,
  /** `null` = it is used. */
  disabledAt: Instant.nullable(),
  /** Where the other side reports to; `null` = it never does, or nobody said where this installation is. */
  callbackUrl: z.string().nullable(),
  /** `null` = not tested since it was changed. */
  test: ConnectorTestView.nullable(),
});
export type ConnectorView = z.infer<typeof ConnectorView>;

export const ConnectorList = z.strictObject({
  items: z.array(ConnectorView),
  kinds: z.array(ConnectorKindView),
});
export type ConnectorList = z.infer<typeof ConnectorList>;

export const ConnectorParams = z.strictObject({ connectorId: Uuid });

export const CreateConnectorBody = z.strictObject({
  /** Whose nodes it acts on; absent = those of the caller's own domain. */
  trustDomainId: Uuid.optional(),
  kind: z.string().max(100),
  name: ConnectorName,
  settings: Given,
  secrets: GivenSecrets,
  selector: Selector.default(""),
});
export type CreateConnectorBody = z.input<typeof CreateConnectorBody>;

/** What is absent stays as it is. Settings are given whole. */
export const ChangeConnectorBody = z
  .strictObject({
    name: ConnectorName.optional(),
    settings: Given.optional(),
    /** All of them, in place of the old ones. */
    secrets: GivenSecrets.optional(),
    selector: Selector.optional(),
  })
  .refine((body) => Object.keys(body).length > 0, "Nothing is to be changed");
export type ChangeConnectorBody = z.input<typeof ChangeConnectorBody>;
