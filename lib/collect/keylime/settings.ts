import { z } from "zod";
import { Endpoint } from "#lib/collect/endpoint";

export const Settings = z.strictObject({
  verifier: Endpoint,
  /** Without it enrolments and changed TPMs are not seen. */
  registrar: Endpoint.optional(),
  /**
   * `measured_boot_policy_name` of the verifier's configuration. Its API does not tell, and under
   * `accept-all` a reference state is not compared with anything.
   */
  measuredBootPolicy: z.string().min(1).max(128).optional(),
  /** Pass on the boot log that comes with a push agent's quote, to be explained; often a hundred kilobytes. */
  bootLogs: z.boolean().default(false),
  /** How often the registrar's entry of every agent is read again. */
  sweepSeconds: z.int().min(60).max(86_400).default(900),
});
export type Settings = z.output<typeof Settings>;
