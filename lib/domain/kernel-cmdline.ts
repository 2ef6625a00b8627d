/** What a changed kernel command line takes away from the protection of a machine. */

/** A parameter that lost or never had its protecting value. */
export type CmdlineHarm = { kind: "gained" | "lost"; parameter: string };

/** Parameters that weaken a machine when they have one of these values; `null` = whatever value, or none. */
const HARMFUL: Readonly<Record<string, RegExp | null>> = {
  init: null,
  rdinit: null,
  "rd.break": null,
  single: null,
  emergency: null,
  "systemd.debug_shell": /^(?:1|y|yes|on|)$/,
  "systemd.unit": /^(?:rescue|emergency|debug)/,
  ima_appraise: /^(?:off|log|fix)$/,
  ima: /^off$/,
  evm: /^fix$/,
  lockdown: /^none$/,
  "module.sig_enforce": /^(?:0|n|off)$/,
  selinux: /^0$/,
  enforcing: /^0$/,
  apparmor: /^0$/,
  security: /^(?:none|)$/,
  audit: /^(?:0|off)$/,
  iommu: /^(?:off|pt)$/,
  intel_iommu: /^off$/,
  amd_iommu: /^off$/,
  "iommu.passthrough": /^1$/,
  iomem: /^relaxed$/,
  mitigations: /^off$/,
  pti: /^off$/,
  spectre_v2: /^off$/,
  nopti: null,
  nospectre_v1: null,
  nospectre_v2: null,
  nokaslr: null,
  nosmep: null,
  nosmap: null,
  noexec: /^off$/,
  norandmaps: null,
  kgdboc: null,
  kgdbwait: null,
  kgdbcon: null,
  sysrq_always_enabled: null,
  init_on_alloc: /^0$/,
  init_on_free: /^0$/,
  "page_alloc.shuffle": /^0$/,
  mem_encrypt: /^off$/,
  "systemd.verity": /^(?:0|no|off)$/,
};

/** Parameters that protect a machine while they have one of these values. */
const PROTECTING: Readonly<Record<string, RegExp | null>> = {
  lockdown: /^(?:integrity|confidentiality)$/,
  ima_appraise: /^enforce$/,
  ima_policy: null,
  ima_appraise_tcb: null,
  evm: /^(?:enforce|fix|x509)$/,
  "module.sig_enforce": /^(?:1|y|on|)$/,
  selinux: /^1$/,
  enforcing: /^1$/,
  apparmor: /^1$/,
  security: /^.+$/,
  lsm: null,
  audit: /^(?:1|on)$/,
  iommu: /^(?:force|strict)$/,
  intel_iommu: /^on/,
  amd_iommu: /^(?:on|force_isolation)/,
  mitigations: /^auto/,
  pti: /^on$/,
  slab_nomerge: null,
  init_on_alloc: /^1$/,
  init_on_free: /^1$/,
  mem_encrypt: /^on$/,
  roothash: null,
  usrhash: null,
  "dm_mod.create": null,
};

/** A line longer than this is not read: it is no command line of a kernel. */
const MAX_CHARS = 8_192;
const DIGEST = /^(?:[a-z0-9]+:)?[0-9a-f]{32,}$/i;

/** Whether a value is a command line rather than a digest of one. */
function isCmdline(value: string): boolean {
  return value.length <= MAX_CHARS && !DIGEST.test(value.trim());
}

/**
 * Protections that a command line has less than the accepted one that is nearest to it.
 *
 * @param accepted lines, digests among them are passed over; none = everything harmful counts as gained
 * @returns in the order of the tables above; empty when nothing was taken away
 */
export function cmdlineHarms(actual: string, accepted: readonly string[]): CmdlineHarm[] {
  if (!isCmdline(actual)) return [];
  const now = parametersOf(actual);
  const harms = accepted.filter(isCmdline).map((line) => harmsBetween(parametersOf(line), now));
  if (accepted.length > 0 && harms.length === 0) return [];
  const [first = harmsBetween(new Map(), now), ...others] = harms;
  return others.reduce((least, some) => (some.length < least.length ? some : least), first);
}

type Parameters = ReadonlyMap<string, readonly string[]>;

function harmsBetween(before: Parameters, now: Parameters): CmdlineHarm[] {
  const gained = standing(HARMFUL, now).filter((text) => !standing(HARMFUL, before).includes(text));
  const kept = standing(PROTECTING, now);
  const lost = standing(PROTECTING, before).filter((text) => !kept.includes(text));
  return [
    ...gained.map((parameter): CmdlineHarm => ({ kind: "gained", parameter })),
    ...lost
      .filter((text) => !isReplaced(text, kept))
      .map((parameter): CmdlineHarm => ({ kind: "lost", parameter })),
  ];
}

/** Another protecting value of the same parameter is a change, but no loss. */
function isReplaced(text: string, kept: readonly string[]): boolean {
  return kept.some((other) => nameIn(other) === nameIn(text));
}

const nameIn = (text: string) => text.split("=", 1)[0] ?? text;

/** Parameters of a line that a table speaks of, as `name=value`. */
function standing(table: Readonly<Record<string, RegExp | null>>, line: Parameters): string[] {
  return Object.entries(table).flatMap(([name, pattern]) =>
    (line.get(name) ?? [])
      .filter((value) => pattern === null || pattern.test(value))
      .map((value) => (value === "" ? name : `${name}=${value}`)),
  );
}

/** Values by parameter. The kernel does not tell `-` from `_` in names; quotes hold spaces together. */
function parametersOf(line: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const text of line.match(/(?:"[^"]*"|[^\s"])+/g) ?? []) {
    const plain = text.replaceAll('"', "");
    const at = plain.indexOf("=");
    const name = (at === -1 ? plain : plain.slice(0, at)).replaceAll("-", "_");
    const value = at === -1 ? "" : plain.slice(at + 1);
    found.set(name, [...(found.get(name) ?? []), value]);
  }
  return found;
}
