/** Column types that the schema files share. */
import { customType, timestamp } from "drizzle-orm/pg-core";

/** Raw bytes: digests and evidence. */
export const bytea = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => "bytea" });

/** An instant with millisecond precision: finer ones would be lost in a JavaScript `Date` cursor. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: "date" });
