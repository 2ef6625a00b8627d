import { z } from "zod";

/** The member of an input that names a schedule. */
export const ScheduleId = { scheduleId: z.uuid() };
