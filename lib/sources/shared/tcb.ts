/** What a platform's TCB status says about its hardware and firmware. */

/** Value of the AR4SI claim `hardware`: genuine, with known weaknesses, revoked, or not understood. */
export type HardwareValue = 2 | 32 | 96 | 1;

/** Statuses of the Intel DCAP quote verification, in lower case without separators. */
const KNOWN: ReadonlyMap<string, HardwareValue> = new Map<string, HardwareValue>([
  ["uptodate", 2],
  ["swhardeningneeded", 32],
  ["configurationneeded", 32],
  ["configurationandswhardeningneeded", 32],
  ["outofdate", 32],
  ["outofdateconfigurationneeded", 32],
  ["tdrelaunchadvised", 32],
  ["tdrelaunchadvisedconfigurationneeded", 32],
  ["revoked", 96],
]);

/**
 * Claim value of a TCB status, whether written as `OutOfDate` or as `OUT_OF_DATE`.
 *
 * A status that is not in the table is 1: unexpected, so nothing can be said. It must not pass as good.
 */
export function hardwareOfTcbStatus(status: string): HardwareValue {
  return KNOWN.get(status.toLowerCase().replaceAll(/[_ -]/g, "")) ?? 1;
}
