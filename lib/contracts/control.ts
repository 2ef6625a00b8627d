/** Frameworks, their controls, and what people say about them. */
import { z } from "zod";
import { CONTROL_STATUSES, NOTE_KINDS, NOTE_VERDICTS } from "#lib/domain/measure/control";
import { MEASURE_RESULTS } from "#lib/domain/measure/measure";
import { MAPPING_KINDS } from "#lib/domain/measure/own-control";
import { Instant, Uuid } from "./common.ts";
import { MeasureView, PERIOD_QUERY, PeriodView } from "./compliance.ts";
import { presentQuery } from "./time.ts";

export const FrameworkListQuery = z.strictObject(
  presentQuery("the mappings are those of this installation, whatever the time."),
);

const Digest = z.string().regex(/^[0-9a-f]{64}$/);

const OwnFrameworkView = z.strictObject({
  /** How often it was imported until this version. */
  version: z.int(),
  kind: z.enum(["catalog", "profile"]),
  oscalVersion: z.string(),
  documentUuid: Uuid,
  /** SHA-256 of the document as it was handed over, hex. */
  digest: Digest,
  /** What a profile was read against. */
  base: z.strictObject({ title: z.string(), edition: z.string(), digest: Digest }).nullable(),
  /** `null` = the account is gone. */
  importedBy: z.string().nullable(),
  importedAt: Instant,
  /** From when on this version counts. */
  validFrom: Instant,
  /** `null` = it is in use. */
  retiredAt: Instant.nullable(),
});

export const FrameworkView = z.strictObject({
  id: z.string(),
  title: z.string(),
  edition: z.string(),
  /** What has not been checked about the mapping; `null` = nothing. */
  caution: z.string().nullable(),
  controls: z.int(),
  own: OwnFrameworkView.nullable().meta({ description: "Of an imported framework; null = it is built in." }),
});
export type FrameworkView = z.infer<typeof FrameworkView>;

export const FrameworkList = z.strictObject({ mappingVersion: z.string(), items: z.array(FrameworkView) });
export type FrameworkList = z.infer<typeof FrameworkList>;

export const ControlListQuery = z.strictObject(PERIOD_QUERY);
export type ControlListQuery = z.infer<typeof ControlListQuery>;
export type ControlListInput = z.input<typeof ControlListQuery>;

const MappedMeasure = z.strictObject({
  id: z.string(),
  title: z.string(),
  result: z.enum(MEASURE_RESULTS).nullable(),
  /** Nothing that is recorded can answer it. */
  unavailable: z.boolean(),
});

const OwnControlView = z.strictObject({
  /** Id of the statement in the document. */
  statementId: z.string().nullable(),
  mapping: z
    .strictObject({
      kind: z.enum(MAPPING_KINDS),
      covers: z.string().nullable(),
      reason: z.string().nullable(),
      madeAt: Instant,
      madeBy: z.string().nullable(),
    })
    .nullable()
    .meta({ description: "What somebody mapped it to; null = nobody has." }),
});

export const ControlView = z.strictObject({
  id: z.string(),
  line: z.string(),
  status: z.enum(CONTROL_STATUSES),
  /** The same over the period of equal length right before; `null` when it is not part of a review. */
  previousStatus: z.enum(CONTROL_STATUSES).nullable(),
  measures: z.array(MappedMeasure),
  notCovered: z.string(),
  /** Rows of its measures that something was found out about. */
  evidence: z.number(),
  /** Exceptions and compensating notes that are in force. */
  exceptions: z.int(),
  own: OwnControlView.nullable().meta({ description: "Of an imported framework; null = it is built in." }),
});
export type ControlView = z.infer<typeof ControlView>;

export const ControlList = z.strictObject({
  period: PeriodView,
  catalogueVersion: z.string(),
  mappingVersion: z.string(),
  framework: FrameworkView,
  counts: z.record(z.enum(CONTROL_STATUSES), z.int()),
  items: z.array(ControlView),
});
export type ControlList = z.infer<typeof ControlList>;

export const NoteView = z.strictObject({
  id: Uuid,
  control: z.string(),
  kind: z.enum(NOTE_KINDS),
  verdict: z.enum(NOTE_VERDICTS).nullable(),
  reason: z.string(),
  madeAt: Instant,
  madeBy: z.string().nullable(),
  expiresAt: Instant,
  ended: z.strictObject({ at: Instant, by: z.string().nullable() }).nullable(),
  /** At the end of the period that was asked about. */
  inForce: z.boolean(),
});
export type NoteView = z.infer<typeof NoteView>;

export const ControlDetail = z.strictObject({
  period: PeriodView,
  framework: FrameworkView,
  control: ControlView,
  measures: z.array(MeasureView),
  /** What the document of an imported framework says; `null` = the framework is built in. */
  document: z
    .strictObject({
      group: z.string().nullable(),
      parent: z.string().nullable(),
      statement: z.string().nullable(),
    })
    .nullable(),
  /** The newest 100. */
  notes: z.array(NoteView),
});
export type ControlDetail = z.infer<typeof ControlDetail>;

export const AddNoteBody = z.strictObject({
  control: z.string().min(1).max(100),
  kind: z.enum(NOTE_KINDS),
  /** For a manual check, and only for it. */
  verdict: z.enum(NOTE_VERDICTS).nullable().default(null),
  reason: z.string().trim().min(10).max(2_000),
  expiresAt: Instant,
});
export type AddNoteBody = z.infer<typeof AddNoteBody>;

export const NoteAdded = z.strictObject({ id: Uuid, expiresAt: Instant });
export type NoteAdded = z.infer<typeof NoteAdded>;
export const NoteEnded = z.strictObject({ id: Uuid, endedAt: Instant });
export type NoteEnded = z.infer<typeof NoteEnded>;
