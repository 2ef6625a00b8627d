/** The limits that measures hold the fleet to. Milliseconds, days, shares. */
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How old the newest evidence of a node may be. */
export const FRESHNESS_MS = DAY;
/** For how long a change may wait for a person. */
export const DRIFT_OPEN_MS = DAY;
/** How long a deviation may be accepted for. */
export const DEVIATION_MS = 90 * DAY;
/** Within which a request to act must follow a failure. */
export const RESPONSE_MS = 15 * MINUTE;
/** Within which a node must be trusted again. */
export const RESTORE_MS = DAY;
/** How old a key of a source may be. */
export const KEY_AGE_MS = 365 * DAY;
/** How old the newest checkpoint of an audit log may be. */
export const CHECKPOINT_MS = DAY;
/** After which an audit entry must stand in the log's tree. */
export const LEAF_MS = 5 * MINUTE;
/** For how long it is enough that another person confirmed or gave a strong role. */
export const CONFIRMATION_MS = 90 * DAY;
/** Within which a fact must be with the systems that are told. */
export const DELIVERY_MS = 5 * MINUTE;
/** How long ago the last rehearsal may be. */
export const DRILL_MS = 90 * DAY;
