/** The EAT claim `dbgstat` (RFC 9711, section 4.2.9). */

const DISABLED = /^disabled(-since-boot|-permanently|-fully-and-permanently)?$/;

/**
 * What a debug status says: `false` when debugging is off, `true` when it is on, `null` for a
 * status that the standard does not define.
 */
export function isDebugStatusOn(status: string): boolean | null {
  if (status === "enabled") return true;
  return DISABLED.test(status) ? false : null;
}
