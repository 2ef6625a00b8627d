/** Reports that come again and again. */
import { z } from "zod";
import { REPORT_FORMATS, REPORT_STATES } from "#lib/domain/report/report";
import { DUE_DAYS_MAX, REPORT_PERIODS } from "#lib/domain/report/schedule";
import { Instant, Uuid } from "./common.ts";
import { presentQuery } from "./time.ts";

/** Most schedules of one trust domain. */
export const SCHEDULES_MAX = 50;
/** Most people that one schedule tells. */
const RECIPIENTS_MAX = 50;

const unique = (values: readonly string[]) => new Set(values).size === values.length;

const PRESENT = presentQuery(
  "schedules are listed as they are now; what people changed is in the audit log.",
);
export const ReportScheduleQuery = z.strictObject(PRESENT);
export const ReportScheduleParams = z.strictObject({ scheduleId: z.uuid() });

const SHAPE = {
  name: z.string().trim().min(3).max(120),
  /** `null` = every measure, and no controls. */
  framework: z.string().max(100).nullable(),
  q: z
    .string()
    .max(500)
    .default("")
    .meta({ description: "Which nodes count, by their labels; empty = every node." }),
  every: z.enum(REPORT_PERIODS),
  dueDays: z
    .int()
    .min(0)
    .max(DUE_DAYS_MAX)
    .meta({ description: "Due so many days after the end of the period." }),
  dueHour: z.int().min(0).max(23).meta({ description: "At this hour of that day, in UTC." }),
  formats: z
    .array(z.enum(REPORT_FORMATS))
    .max(REPORT_FORMATS.length)
    .refine(unique, "names one twice")
    .meta({ description: "Files that are written. The JSON file always is." }),
  recipients: z
    .array(z.email().max(254).toLowerCase())
    .max(RECIPIENTS_MAX)
    .refine(unique, "names one twice")
    .meta({ description: "E-mail addresses of accounts that may read compliance in the trust domain." }),
};

export const CreateReportScheduleBody = z.strictObject(SHAPE);
export type CreateReportScheduleBody = z.input<typeof CreateReportScheduleBody>;

export const ChangeReportScheduleBody = z.strictObject({
  ...SHAPE,
  revision: z.int().min(1).meta({ description: "The one that was read; another one is refused." }),
  takeOver: z
    .boolean()
    .default(false)
    .meta({ description: "Whether its reports are made in the caller's name from now on." }),
});
export type ChangeReportScheduleBody = z.input<typeof ChangeReportScheduleBody>;

export const PauseReportScheduleBody = z.strictObject({ paused: z.boolean() });

export const ReportScheduleChanged = z.strictObject({ id: Uuid });
export type ReportScheduleChanged = z.infer<typeof ReportScheduleChanged>;
export const ReportScheduleRan = z.strictObject({ id: Uuid, reportId: Uuid });
export type ReportScheduleRan = z.infer<typeof ReportScheduleRan>;

const Period = { from: Instant, to: Instant };
const Person = z.strictObject({ id: Uuid, email: z.string() });

/** Of reports, those states; of what has none, why. */
const RUN_STATES = [...REPORT_STATES, "REFUSED", "MISSED"] as const;

export const ReportRunView = z.strictObject({
  id: Uuid,
  period: z.strictObject(Period),
  at: Instant,
  /** Who had it made out of turn; `null` = it was due. */
  askedBy: z.string().nullable(),
  state: z.enum(RUN_STATES),
  /** Why there is no report, or why it is partial. */
  problem: z.string().nullable(),
  reportId: Uuid.nullable(),
  /** When everybody was told how it ended. */
  toldAt: Instant.nullable(),
  told: z.array(z.string()),
  /** They may not read it any more. */
  notTold: z.array(z.string()),
});
export type ReportRunView = z.infer<typeof ReportRunView>;

export const ReportScheduleView = z.strictObject({
  id: Uuid,
  name: z.string(),
  trustDomain: z.strictObject({ id: Uuid, name: z.string() }),
  framework: z.strictObject({ id: z.string(), title: z.string() }).nullable(),
  q: z.string(),
  every: z.enum(REPORT_PERIODS),
  dueDays: z.int(),
  dueHour: z.int(),
  formats: z.array(z.enum(REPORT_FORMATS)),
  recipients: z.array(Person),
  /** In whose name, and by whose rights, its reports are made. */
  owner: Person,
  revision: z.int(),
  createdAt: Instant,
  /** `null` = it is not paused. */
  pausedAt: Instant.nullable(),
  /** Whether the caller may change it. */
  mayChange: z.boolean(),
  /** The next three; none while it is paused. */
  next: z.array(z.strictObject({ ...Period, dueAt: Instant })),
  /** What became of the last twenty periods, the newest first. */
  runs: z.array(ReportRunView),
});
export type ReportScheduleView = z.infer<typeof ReportScheduleView>;

export const ReportScheduleList = z.strictObject({ items: z.array(ReportScheduleView) });
export type ReportScheduleList = z.infer<typeof ReportScheduleList>;

/** Reports that the caller was told of within thirty days, the newest first. */
export const ReportNoticeList = z.strictObject({
  items: z.array(
    z.strictObject({
      reportId: Uuid,
      title: z.string(),
      schedule: z.string(),
      period: z.strictObject(Period),
      toldAt: Instant,
    }),
  ),
});
export type ReportNoticeList = z.infer<typeof ReportNoticeList>;
