/** Baselines: what evidence is expected to say, for which nodes, and since when. */
import { z } from "zod";
import { TOLERANCE_EFFECTS } from "#lib/domain/baseline";
import { CONTENT_LIMITS } from "#lib/domain/baseline-content";
import { CHANGE_KINDS } from "#lib/domain/diff-measurements";
import { LAYERS } from "#lib/domain/layers";
import { Instant, Uuid } from "./common.ts";
import { presentQuery } from "./time.ts";

const Selector = z.string().max(2_000).describe("CEL over `node`; empty = every node.");
const Submod = z.string().max(120);
const Version = z.int().min(1).max(1_000_000);
const LayerName = z.enum(LAYERS);
/** Most characters of a document that a content is read from. */
const DOCUMENT_CHARS = 2 * CONTENT_LIMITS.totalChars;

/** Where a content comes from. */
export const ContentOrigin = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("golden_node"), nodeId: Uuid }),
  z.strictObject({ kind: z.literal("cohort"), selector: Selector }),
  z.strictObject({ kind: z.literal("keylime"), document: z.string().min(1).max(DOCUMENT_CHARS) }),
  z.strictObject({
    kind: z.literal("document"),
    /** Our own format, as JSON or YAML. */
    document: z.string().min(1).max(DOCUMENT_CHARS),
  }),
]);
export type ContentOrigin = z.infer<typeof ContentOrigin>;

const Lane = {
  /** The lane that it is compared with; `null` = any source. */
  sourceId: Uuid.nullable(),
  submod: Submod.nullable(),
};
const Note = z.string().trim().max(1_000);

export const MakeContentBody = z.strictObject({ origin: ContentOrigin, ...Lane });
export type MakeContentBody = z.infer<typeof MakeContentBody>;

export const CreateBaselineBody = z.strictObject({
  name: z.string().trim().min(1).max(120),
  description: z.string().trim().max(1_000).default(""),
  selector: Selector.default(""),
  ...Lane,
  origin: ContentOrigin,
  note: Note.default(""),
});
export type CreateBaselineBody = z.input<typeof CreateBaselineBody>;

export const DraftBody = z.strictObject({ origin: ContentOrigin, note: Note.default("") });
export type DraftBody = z.input<typeof DraftBody>;

const ToleranceView = z.strictObject({
  unexplained: z.enum(TOLERANCE_EFFECTS),
  added: z.enum(["drift", "tolerated"]),
  removed: z.enum(["drift", "tolerated"]),
  values: z.enum(["exact", "newer"]),
});

const ContentView = z.strictObject({
  scope: z.array(z.string()),
  entries: z.record(z.string(), z.array(z.string())),
  ignore: z.array(z.string()),
  tolerances: z.partialRecord(LayerName, ToleranceView),
});

/** What a content would be, before anything is stored. */
export const MadeContent = z.strictObject({
  content: ContentView,
  /** Nodes that it was made of. */
  nodes: z.int(),
  /** Paths on which the nodes of a cohort do not agree, the most disputed first. Capped. */
  disputed: z.array(
    z.strictObject({
      path: z.string(),
      value: z.string().nullable(),
      nodes: z.int(),
      share: z.number(),
      differing: z.array(z.strictObject({ id: Uuid, name: z.string() })),
      differingTotal: z.int(),
      leftOut: z.enum(["rare", "too-varied"]).nullable(),
    }),
  ),
  disputedTotal: z.int(),
  /** What of a file has no counterpart here. */
  left: z.array(z.string()),
});
export type MadeContent = z.infer<typeof MadeContent>;

export const StandingView = z.strictObject({
  /** Nodes that the baseline is for. */
  selected: z.int(),
  /** Of those, nodes whose measurements are compared with it. */
  covered: z.int(),
  /** Of those, nodes on which nothing unexplained differs, whatever exceptions and maintenance windows allow. */
  matching: z.int(),
});
export type StandingView = z.infer<typeof StandingView>;

const LaneView = z.strictObject({
  sourceId: Uuid.nullable(),
  sourceName: z.string().nullable(),
  submod: z.string().nullable(),
});

export const BaselineSummary = z.strictObject({
  id: Uuid,
  name: z.string(),
  description: z.string(),
  selector: z.string(),
  selectorWords: z.string(),
  lane: LaneView,
  /** The version that the most nodes should be now; `null` = nothing is rolled out. */
  current: Version.nullable(),
  /** All versions in force now. */
  active: z.array(Version),
  /** The draft that waits to be published; `null` = none. */
  draft: Version.nullable(),
  /** By what is in force now. */
  standing: StandingView,
  /** Versions whose stored content is not what was signed; they are not applied. */
  tampered: z.array(Version),
  lastChange: z.strictObject({ at: Instant, by: z.string().nullable() }),
});
export type BaselineSummary = z.infer<typeof BaselineSummary>;

export const BaselineList = z.strictObject({ items: z.array(BaselineSummary) });
export type BaselineList = z.infer<typeof BaselineList>;

export const VersionView = z.strictObject({
  version: Version,
  state: z.enum(["draft", "published", "withdrawn"]),
  /** SHA-256 of the canonical content, hex. */
  digest: z.string(),
  origin: z.enum(["golden_node", "cohort", "keylime", "document", "drift"]),
  originSentence: z.string(),
  note: z.string(),
  author: z.string().nullable(),
  createdAt: Instant,
  publishedAt: Instant.nullable(),
  entries: z.int(),
  scopeSentence: z.string(),
  ignore: z.array(z.string()),
  toleranceSentences: z.array(z.string()),
  signature: z.discriminatedUnion("state", [
    z.strictObject({
      state: z.literal("sound"),
      kid: z.string(),
      approver: z.string().nullable(),
      approvedAt: Instant,
      changeRequestId: Uuid,
    }),
    z.strictObject({ state: z.literal("unsigned") }),
    z.strictObject({ state: z.literal("tampered"), detail: z.string() }),
  ]),
  /** If it held for all nodes of the baseline. */
  standing: StandingView,
  /** Nodes that should be this version now. */
  targetNodes: z.int(),
});
export type VersionView = z.infer<typeof VersionView>;

export const RolloutView = z.strictObject({
  id: Uuid,
  version: Version,
  part: z.enum(["target", "accepted"]),
  selector: z.string(),
  selectorWords: z.string(),
  percent: z.int(),
  from: Instant,
  to: Instant.nullable(),
  state: z.enum(["upcoming", "active", "ended"]),
  changeRequestId: Uuid.nullable(),
});
export type RolloutView = z.infer<typeof RolloutView>;

export const BaselineView = BaselineSummary.extend({
  createdAt: Instant,
  createdBy: z.string().nullable(),
  /** The newest first. */
  versions: z.array(VersionView),
  /** In order of their beginnings. */
  rollouts: z.array(RolloutView),
});
export type BaselineView = z.infer<typeof BaselineView>;

export const VersionContent = z.strictObject({
  version: Version,
  content: ContentView,
  /** The document that gives this content when it is read: what the editor starts with. */
  document: z.string(),
  /** The DSSE envelope as it is stored; `null` while a draft. */
  envelope: z.unknown(),
});
export type VersionContent = z.infer<typeof VersionContent>;

export const BaselineDiffQuery = z.strictObject({
  a: z.coerce.number().pipe(Version),
  b: z.coerce.number().pipe(Version),
});
export type BaselineDiffQuery = z.input<typeof BaselineDiffQuery>;

const ListChange = z.strictObject({ added: z.array(z.string()), removed: z.array(z.string()) });

export const BaselineDiff = z.strictObject({
  a: Version,
  b: Version,
  total: z.int(),
  /** By layer, then by path. */
  entries: z.array(
    z.strictObject({
      path: z.string(),
      layer: LayerName,
      kind: z.enum(CHANGE_KINDS),
      a: z.array(z.string()).nullable(),
      b: z.array(z.string()).nullable(),
    }),
  ),
  scope: ListChange,
  ignore: ListChange,
  tolerances: z.array(z.strictObject({ layer: LayerName, a: z.string(), b: z.string() })),
});
export type BaselineDiff = z.infer<typeof BaselineDiff>;

/** States that many nodes have in common, for a first baseline. */
export const CommonStates = z.strictObject({
  items: z.array(
    z.strictObject({
      sourceId: Uuid,
      sourceName: z.string(),
      submod: z.string(),
      /** Selects the nodes of the state. */
      selector: z.string(),
      selectorWords: z.string(),
      nodes: z.int(),
      /** Nodes that say exactly the same, of those. */
      same: z.int(),
      paths: z.int(),
    }),
  ),
});
export type CommonStates = z.infer<typeof CommonStates>;

export const PublishPayload = z.strictObject({ baselineId: Uuid, version: Version });
export type PublishPayload = z.infer<typeof PublishPayload>;

export const RolloutPayload = z.strictObject({
  baselineId: Uuid,
  version: Version,
  part: z.enum(["target", "accepted"]),
  /** Narrows the baseline's own selector. */
  selector: Selector,
  percent: z.int().min(1).max(100),
  /** `null` = when the second person approves. */
  from: Instant.nullable(),
  to: Instant.nullable(),
  /**
   * Until when versions that hold now are accepted besides; `null` = until somebody ends them. Only for a
   * target for all nodes.
   */
  acceptOthersUntil: Instant.nullable(),
});
export type RolloutPayload = z.infer<typeof RolloutPayload>;

export const RollbackPayload = z.strictObject({
  baselineId: Uuid,
  /** The version to go back to; `null` = expect nothing any more. */
  version: Version.nullable(),
});

export const SigningKeyList = z.strictObject({
  items: z.array(
    z.strictObject({
      kid: z.string(),
      algorithm: z.literal("Ed25519"),
      publicKeyPem: z.string(),
      createdAt: Instant,
    }),
  ),
});
export type SigningKeyList = z.infer<typeof SigningKeyList>;

export const BaselineQuery = z.strictObject(
  presentQuery(
    "baselines are judged by what nodes say now; versions and rollouts each say since when they hold.",
  ),
);

/** A record leaves this name out without a word, and whoever sends it must be told. */
const withoutPrototype = z
  .unknown()
  .refine(
    (value) => typeof value !== "object" || value === null || !Object.hasOwn(value, "__proto__"),
    "This name cannot be a label.",
  );

/** `null` takes a label away; what is not named stays. */
export const PatchLabelsBody = z.strictObject({
  labels: withoutPrototype.pipe(z.record(z.string(), z.string().nullable())).meta({
    type: "object",
    description: "Label by name; `null` takes it away, what is not named stays.",
  }),
});
export type PatchLabelsBody = z.infer<typeof PatchLabelsBody>;

export const LabelsView = z.strictObject({ labels: z.record(z.string(), z.string()) });
export type LabelsView = z.infer<typeof LabelsView>;
