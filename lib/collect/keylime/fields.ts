/**
 * What is taken over from Keylime's answers: named fields and nothing else.
 *
 * A verifier's answer holds a share of the agent's secret key (`v`). A list of what may pass cannot
 * forget a secret that a later version adds.
 */

const STATUS_FIELDS = [
  "operational_state",
  "attestation_status",
  "attestation_count",
  "last_received_quote",
  "last_successful_attestation",
  "severity_level",
  "last_event_id",
  "has_mb_refstate",
  "has_runtime_policy",
  "tpm_policy",
  "accept_tpm_hash_algs",
  "accept_tpm_encryption_algs",
  "accept_tpm_signing_algs",
  "hash_alg",
  "enc_alg",
  "sign_alg",
  "verifier_id",
  "attestation_period",
  "maximum_attestation_interval",
] as const;

const REGISTRAR_FIELDS = ["aik_tpm", "ek_tpm", "ekcert", "ip", "port", "regcount"] as const;

const ATTESTATION_FIELDS = [
  "stage",
  "evaluation",
  "failure_reason",
  "capabilities_received_at",
  "challenges_expire_at",
  "evidence_received_at",
  "verification_completed_at",
] as const;

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object's own member; `undefined` for anything else. */
export function member(value: unknown, name: string): unknown {
  return isFields(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function pick(value: unknown, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const found = member(value, name);
      return found === undefined ? [] : [[name, found]];
    }),
  );
}

export const statusFields = (value: unknown) => pick(value, STATUS_FIELDS);
export const registrarFields = (value: unknown) => pick(value, REGISTRAR_FIELDS);

/**
 * The latest attestation as far as it is forwarded: when, how it went, registers and boot counters.
 * The quotes and the logs of files stay where they are: they are megabytes. For the boot log see
 * {@link bootLogOf}.
 */
export function attestationFields(value: unknown): Fields | null {
  const data = member(value, "data");
  const attributes = member(data, "attributes");
  if (!isFields(attributes)) return null;
  const evidence = member(attributes, "evidence");
  return {
    ...pick(data, ["id"]),
    ...pick(attributes, ATTESTATION_FIELDS),
    system_info: pick(member(attributes, "system_info"), ["boot_time"]),
    evidence: (Array.isArray(evidence) ? evidence : []).flatMap((entry) => {
      const meta = pick(member(member(entry, "data"), "meta"), ["pcrs", "clock_info"]);
      return Object.keys(meta).length === 0
        ? []
        : [{ ...pick(entry, ["evidence_class", "evidence_type"]), meta }];
    }),
  };
}

/** Longest boot log that is passed on, as base64: what is delivered has to fit into a message. */
const MAX_BOOT_LOG_CHARS = 256 * 1024;

/** The boot log in an attestation, as the verifier spells it; `null` = none, or none that could be passed on. */
export function bootLogOf(value: unknown): string | null {
  const evidence = member(member(member(value, "data"), "attributes"), "evidence");
  const log = (Array.isArray(evidence) ? evidence : []).find(
    (entry) => member(entry, "evidence_type") === "uefi_log",
  );
  const entries = member(member(log, "data"), "entries");
  return typeof entries === "string" && entries !== "" && entries.length <= MAX_BOOT_LOG_CHARS
    ? entries
    : null;
}

/** A whole number, as Keylime writes instants (seconds) and counts; `null` for anything else. */
export function wholeNumber(value: unknown): number | null {
  return Number.isSafeInteger(value) ? Number(value) : null;
}
