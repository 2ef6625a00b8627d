/** Importing frameworks, and mapping their controls. */
import { z } from "zod";
import { MEASURES } from "#lib/domain/measure/catalogue";
import { MAPPING_KINDS } from "#lib/domain/measure/own-control";
import { Instant, Uuid } from "./common.ts";
import { presentQuery } from "./time.ts";

/** Most characters of a document that is handed over. */
const DOCUMENT_CHARS = 12_000_000;

const FrameworkId = z.string().max(100);
const Document = z.string().min(2).max(DOCUMENT_CHARS);
const Digest = z.string().regex(/^[0-9a-f]{64}$/);

const READ = {
  document: Document.meta({ description: "The text of an OSCAL catalogue or profile in JSON." }),
  catalogue: Document.nullable()
    .default(null)
    .meta({ description: "Of a profile: the text of the catalogue that it imports." }),
  catalogueOf: FrameworkId.nullable()
    .default(null)
    .meta({ description: "Of a profile, instead: an imported framework that it is read against." }),
  framework: FrameworkId.nullable()
    .default(null)
    .meta({ description: "Imported framework that this becomes the next version of; null = a new one." }),
};

export const ReadFrameworkBody = z.strictObject(READ);
export type ReadFrameworkBody = z.input<typeof ReadFrameworkBody>;

export const ImportFrameworkBody = z.strictObject({
  ...READ,
  version: z.int().min(0).meta({ description: "The newest version that the preview named; 0 = a new one." }),
  validFrom: Instant.optional().meta({
    description:
      "From when on this version counts. Default: of a new framework, as long as anything; of a next version, now.",
  }),
});
export type ImportFrameworkBody = z.input<typeof ImportFrameworkBody>;

export const FrameworkImported = z.strictObject({
  id: z.string(),
  version: z.int(),
  controls: z.int(),
  digest: Digest,
});
export type FrameworkImported = z.infer<typeof FrameworkImported>;

const Named = z.strictObject({ id: z.string(), line: z.string() });

/** All are counted, and the first 200 named. */
const Some = z.strictObject({ count: z.int(), items: z.array(Named) });

export const FrameworkPreview = z.strictObject({
  document: z.strictObject({
    kind: z.enum(["catalog", "profile"]),
    ...{ title: z.string(), edition: z.string(), oscalVersion: z.string(), uuid: Uuid },
    /** SHA-256 of the text, hex. */
    digest: Digest,
  }),
  /** Of a profile: what it was read against. */
  base: z.strictObject({ title: z.string(), edition: z.string(), digest: Digest }).nullable(),
  /** The newest version of the framework, which this was compared with; 0 = it is new. */
  version: z.int(),
  /** Whether the newest version was made of the same document. */
  same: z.boolean(),
  controls: z.int(),
  withdrawn: z.int(),
  added: Some,
  changed: Some,
  gone: Some,
  /** Controls that are gone and mapped: their mappings stay, and speak to nothing. */
  lost: Some,
  notRead: z.array(z.strictObject({ what: z.string(), count: z.int() })),
});
export type FrameworkPreview = z.infer<typeof FrameworkPreview>;

const MEASURE_IDS = MEASURES.map(({ id }) => id) as [string, ...string[]];
const Control = z.string().min(1).max(100);
const Sentence = z.string().trim().min(10).max(2_000);

/** What a control is mapped to. */
const Target = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("measures"),
    measures: z
      .array(z.enum(MEASURE_IDS))
      .min(1)
      .max(MEASURE_IDS.length)
      .refine((ids) => new Set(ids).size === ids.length, "A measure is named twice."),
    covers: Sentence.meta({ description: "What the measures say about the control, in a sentence." }),
    notCovered: Sentence.meta({ description: "What the control asks for and they do not speak to." }),
  }),
  z.strictObject({ kind: z.literal("manual"), reason: Sentence }),
  z.strictObject({ kind: z.literal("not_applicable"), reason: Sentence }),
]);
export type MappingTarget = z.infer<typeof Target>;

export const MapControlBody = z.strictObject({ control: Control, to: Target });
export type MapControlBody = z.infer<typeof MapControlBody>;

export const ClearMappingBody = z.strictObject({ control: Control, reason: Sentence });
export type ClearMappingBody = z.infer<typeof ClearMappingBody>;

export const ControlMapped = z.strictObject({ framework: z.string(), control: z.string() });
export type ControlMapped = z.infer<typeof ControlMapped>;

export const FrameworkRetired = z.strictObject({ id: z.string(), retiredAt: Instant });
export type FrameworkRetired = z.infer<typeof FrameworkRetired>;

export const MappingExportQuery = z.strictObject(
  presentQuery("mappings are exported as they are; each says when it was made."),
);

/** The file that mappings are exported as. */
export const MappingExport = z.strictObject({
  format: z.literal("touchstone-mapping/1"),
  framework: z.strictObject({
    ...{ id: z.string(), title: z.string(), edition: z.string(), version: z.int() },
    ...{ documentUuid: Uuid, digest: Digest },
  }),
  /** Version of the definitions of measures. */
  catalogueVersion: z.string(),
  exportedAt: Instant,
  mappings: z.array(
    z.strictObject({
      control: z.string(),
      /** Whether the newest version of the framework has the control. */
      present: z.boolean(),
      kind: z.enum(MAPPING_KINDS),
      measures: z.array(z.string()),
      covers: z.string().nullable(),
      notCovered: z.string().nullable(),
      reason: z.string().nullable(),
      madeAt: Instant,
      madeBy: z.string().nullable(),
    }),
  ),
});
export type MappingExport = z.infer<typeof MappingExport>;
