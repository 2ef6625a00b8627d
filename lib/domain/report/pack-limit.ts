/** Largest evidence pack that the server checks; larger ones are for `touchstone verify`. Bytes. */
export const PACK_MAX_BYTES = 8 * 1_024 * 1_024;
