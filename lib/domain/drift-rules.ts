/**
 * What a difference is: an ordered table of rules, the first that fits decides.
 *
 * Pure. Losing a protection looks like an attack even in a maintenance window: a window says that
 * something changes, not that the machine is to be weaker afterwards.
 */
import type { Tolerance, ToleranceEffect } from "./baseline.ts";
import type { DriftClass } from "./drift.ts";
import type { Difference, PathMatch } from "./drift-compare.ts";
import { cmdlineHarms } from "./kernel-cmdline.ts";
import type { Layer } from "./layers.ts";
import { isNotOlder, isOlder } from "./version-order.ts";

/** Somebody decided to ignore paths. */
export type Exception = { id: string; matches: PathMatch };
/** A maintenance window that is open. */
export type OpenWindow = { id: string; layers: readonly Layer[] };

/** All that a rule may look at. */
export type RuleCase = Difference & {
  layer: Layer;
  tolerance: Tolerance;
  /** Versions besides the target that accept the actual value or its absence. */
  acceptedBy: readonly number[];
  exception: Exception | null;
  window: OpenWindow | null;
  /** What the node is labelled to be; `null` = nothing. */
  role: string | null;
};

export type Rule = {
  id: string;
  class: DriftClass;
  /** What it stands for, for people who read the table. */
  says: string;
  /** Why it decides this case, as a short sentence; `null` = it does not. */
  decide: (difference: RuleCase) => string | null;
};

const OFF = /^(?:0|false|off|no|disabled?|0x0+|setup)$/i;
const ON = /^(?:1|true|on|yes|enabled?|0x0*1)$/i;

const SECURE_BOOT_SWITCH =
  /(?:^|[/._-])(?:has[/._-]?)?(?:sec(?:ure)?[/._-]?boot)(?:[/._-](?:enabled?|state|status|mode|on))?$/i;
const KEY_STORE = /(?:^|[/._-])(?:db|kek|pk|mok(?:list)?|mok(?:x)?dig)(?=$|[/._-])/i;
const REVOCATIONS = /(?:^|[/._-])(?:dbx|mokx|sbat)(?=$|[/._-])/i;
const DEBUG_SWITCH = /debug|dbgstat|dev[-_]?mode|(?:^|[/._-])unsafe/i;
const SGX_FLAGS = /attributes[/._-]flags$/i;
const TD_ATTRIBUTES = /td[-_]?attributes$/i;
const VERSION_PATH =
  /version|release|revision|svn|build|tcb|microcode|ucode|level|date|(?:^|[/._-])(?:spl|bl|tee|snp)$/i;
const VERSIONED: ReadonlySet<Layer> = new Set([
  "firmware",
  "boot",
  "kernel",
  "container_runtime",
  "secure_boot",
]);
const PROTECTED_FILE =
  /^\/(?:usr\/(?:local\/)?s?bin|s?bin|boot|(?:usr\/)?lib\/modules|lib64?\/security|usr\/lib\/systemd)\//;
const NOISE =
  /(?:^|[/._-])(?:uptime|boot[-_]?count(?:er)?|reset[-_]?count|restart[-_]?count|(?:tpm[-_]?)?clock(?:[-_]safe)?|timestamp|generated[-_]?at)$/i;

const shown = (text: string | null) =>
  text === null ? "absent" : text.length > 60 ? `${text.slice(0, 57)}…` : text;

/** The table. */
export const RULES: readonly Rule[] = [
  {
    id: "accepted-version",
    class: "authorised",
    says: "Another version of the baseline that is in force for the node accepts it.",
    decide: ({ acceptedBy: [version, ...more] }) =>
      version === undefined ? null : `accepted by version ${[version, ...more].join(" and ")}`,
  },
  {
    id: "exception",
    class: "benign",
    says: "Somebody decided to ignore the path, for a time and with a reason.",
    decide: ({ exception }) => (exception ? "ignored by an exception" : null),
  },
  {
    id: "secure-boot-off",
    class: "malicious_like",
    says: "Secure Boot is off.",
    decide: ({ path, actual }) =>
      SECURE_BOOT_SWITCH.test(path) && actual !== null && OFF.test(actual) ? "Secure Boot is off" : null,
  },
  {
    id: "revocations-lost",
    class: "malicious_like",
    says: "The list of revoked boot software lost entries, or is older than it should be.",
    decide: revocationsLost,
  },
  {
    id: "trust-anchor",
    class: "malicious_like",
    says: "Keys that boot software may be signed with were added or replaced.",
    decide: ({ path, layer, kind }) =>
      layer === "secure_boot" && kind !== "removed" && KEY_STORE.test(path)
        ? "keys that may sign boot software were added or replaced"
        : null,
  },
  {
    id: "debug-on",
    class: "malicious_like",
    says: "A machine, an enclave or a guest can be debugged from outside.",
    decide: debugOn,
  },
  {
    id: "cmdline-weakened",
    class: "malicious_like",
    says: "The kernel command line gained a parameter that weakens the machine, or lost one that protects it.",
    decide: cmdlineWeakened,
  },
  {
    id: "maintenance-window",
    class: "authorised",
    says: "A maintenance window for the layer is open.",
    decide: ({ window }) => (window ? "changed in a maintenance window" : null),
  },
  {
    id: "newer-version",
    class: "benign",
    says: "The baseline tolerates newer versions of the layer, and this one is not older.",
    decide: ({ tolerance, kind, path, actual, expected }) =>
      tolerance.values === "newer" &&
      kind === "changed" &&
      isVersion(path, actual) &&
      isNotOlder(actual, expected)
        ? "not older than an accepted version"
        : null,
  },
  {
    id: "tolerated-addition",
    class: "benign",
    says: "The baseline tolerates entries of the layer that it does not know.",
    decide: ({ tolerance, kind }) =>
      kind === "added" && tolerance.added === "tolerated" ? "additions are tolerated" : null,
  },
  {
    id: "tolerated-removal",
    class: "benign",
    says: "The baseline tolerates that entries of the layer are missing.",
    decide: ({ tolerance, kind }) =>
      kind === "removed" && tolerance.removed === "tolerated" ? "missing entries are tolerated" : null,
  },
  {
    id: "noise",
    class: "benign",
    says: "Counters and clocks that differ at every look.",
    decide: ({ path, kind }) => (kind !== "removed" && NOISE.test(path) ? "a counter or a clock" : null),
  },
  {
    id: "downgrade",
    class: "malicious_like",
    says: "Firmware, kernel or runtime is older than every accepted version.",
    decide: ({ layer, kind, path, actual, expected }) =>
      VERSIONED.has(layer) && kind === "changed" && isVersion(path, actual) && isOlder(actual, expected)
        ? `older than ${shown(expected.join(" or "))}`
        : null,
  },
  {
    id: "boot-chain",
    class: "malicious_like",
    says: "The boot chain changed and no version in force accepts it.",
    decide: ({ layer, kind }) =>
      layer === "boot" && kind === "changed" ? "the boot chain changed without a matching version" : null,
  },
  {
    id: "system-file",
    class: "malicious_like",
    says: "A program, a boot file or a kernel module changed or appeared outside a maintenance window.",
    decide: ({ layer, kind, path, actual }) =>
      layer === "ima_file" &&
      kind !== "removed" &&
      (isSystemFile(filePathOf(path)) || isSystemFile(actual ?? ""))
        ? "a system file changed outside a maintenance window"
        : null,
  },
  {
    id: "role-gained",
    class: "malicious_like",
    says: "The node does or holds what its role should not.",
    decide: ({ layer, kind, path, actual, role }) =>
      layer === "role" &&
      kind !== "removed" &&
      !(actual !== null && OFF.test(actual)) &&
      !isOwnRole(path, actual, role)
        ? role === null
          ? "it holds more than its baseline gives it"
          : `it holds more than its role ${shown(role)} gives it`
        : null,
  },
  {
    id: "unexplained",
    class: "unexplained",
    says: "Nobody allowed it and nothing explains it.",
    decide: () => "nothing explains it",
  },
];

/** What the classes do to a node; unexplained differences do what the baseline says. */
export function effectOf(cls: DriftClass, { unexplained }: Tolerance): ToleranceEffect {
  if (cls === "malicious_like") return "fail";
  return cls === "unexplained" ? unexplained : "note";
}

function revocationsLost({ path, layer, kind, actual, expected }: RuleCase): string | null {
  if (layer !== "secure_boot" || !REVOCATIONS.test(path)) return null;
  if (kind === "removed") return "revocations are gone";
  if (kind === "added" || actual === null) return null;
  if (isOlder(actual, expected)) return `revocations are older than ${shown(expected.join(" or "))}`;
  const lost = expected.map((list) => entriesLost(list, actual));
  return lost.length > 0 && lost.every((count) => count > 0) ? "the list of revocations lost entries" : null;
}

/** How many entries of one list another lacks; 0 unless both are lists. */
function entriesLost(before: string, now: string): number {
  const [old, kept] = [before.split(/[\s,;]+/), new Set(now.split(/[\s,;]+/))];
  if (old.length < 2) return 0;
  return old.filter((entry) => entry !== "" && !kept.has(entry)).length;
}

function debugOn({ path, actual, expected }: RuleCase): string | null {
  if (actual === null) return null;
  const bits = SGX_FLAGS.test(path) ? 0b10 : TD_ATTRIBUTES.test(path) ? 0b1 : null;
  if (bits !== null) {
    const isOn = (hex: string) =>
      /^[0-9a-f]{2}/i.test(hex) && (Number.parseInt(hex.slice(0, 2), 16) & bits) !== 0;
    return isOn(actual) && !expected.some(isOn) ? "its attributes allow debugging" : null;
  }
  return DEBUG_SWITCH.test(path) && ON.test(actual) ? `${lastOf(path)} is on` : null;
}

function cmdlineWeakened({ layer, actual, expected, kind }: RuleCase): string | null {
  if (layer !== "cmdline" || actual === null || kind === "removed") return null;
  const [first, ...more] = cmdlineHarms(actual, expected);
  if (!first) return null;
  const rest = more.length > 0 ? ` (and ${more.length} more)` : "";
  return `the kernel command line ${first.kind} ${shown(first.parameter)}${rest}`;
}

function isVersion(path: string, actual: string | null): actual is string {
  return actual !== null && (VERSION_PATH.test(path) || /^v?\d+\.\d+/.test(actual));
}

/** Path of the measured file: IMA entries carry it behind a prefix, with its slashes escaped or not. */
function filePathOf(path: string): string {
  const plain = path.replaceAll("~1", "/").replaceAll("~0", "~");
  return `/${plain.replace(/^.*?ima(?=[/._-])[._-]?/, "").replace(/^\/+/, "")}`.replaceAll(/\/{2,}/g, "/");
}

const isSystemFile = (file: string) => PROTECTED_FILE.test(file);
const lastOf = (path: string) => shown(path.slice(path.lastIndexOf("/") + 1));
const isOwnRole = (path: string, actual: string | null, role: string | null) =>
  role !== null && /(?:^|\/)role(?:\/name)?$/.test(path) && actual === role;
